#!/bin/sh
# The usual tools, one after the other, for what the one decode of the audio room makes of recordings. Frozen: a test
# holds its sha256, so that figures of different days are compared with the same thing.
#
#     shell_audio.sh OUT FILE…    OUT must not exist
#
# For each file: a copy for listening (Opus, 96 kbit/s, complexity 10, ffmpeg's libopus), a lossless copy of what is
# lossless and not FLAC (ffmpeg's FLAC, level 8), a fingerprint of the whole (fpcalc), loudness and true peak (ffmpeg's
# ebur128), an outline (ffmpeg's showwavespic), a picture of the spectrum (ffmpeg's showspectrumpic); at the end sha256
# and piece hashes (mktorrent, 256 KiB) of everything that was made.
# In favour of the tools: one thread each (so no time is lost between threads), nothing logged a frame, the programs'
# own defaults for everything that is not named here, the MD5 of the samples left out (ours has it).
set -eu
out=$1
shift
mkdir -p "$out"
number=0
for file; do
    number=$((number + 1))
    made=$out/$number
    ffmpeg -nostdin -v error -threads 1 -i "$file" -map 0:a:0 -threads 1 -c:a libopus -b:a 96k \
        -compression_level 10 "$made.opus"
    case $file in
        *.wav | *.aiff) ffmpeg -nostdin -v error -threads 1 -i "$file" -map 0:a:0 -threads 1 -c:a flac \
            -compression_level 8 "$made.flac" ;;
    esac
    # fpcalc 1.5.1 says 3 when the decoder comes to the end of some files, and has printed the whole fingerprint.
    fpcalc -length 0 "$file" > "$made.fingerprint.txt" 2> /dev/null || test -s "$made.fingerprint.txt"
    ffmpeg -nostdin -hide_banner -threads 1 -i "$file" -map 0:a:0 -af ebur128=peak=true:framelog=verbose -f null - \
        2> "$made.loudness.txt"
    ffmpeg -nostdin -v error -threads 1 -i "$file" -filter_complex "[0:a:0]showwavespic=s=1800x140" -frames:v 1 \
        "$made.wave.png"
    ffmpeg -nostdin -v error -threads 1 -i "$file" -filter_complex "[0:a:0]showspectrumpic" -frames:v 1 \
        "$made.spectrum.png"
done
(cd "$out" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + > SHA256SUMS)
mktorrent -l 18 -t 1 -o "$out.torrent" "$out" > /dev/null
