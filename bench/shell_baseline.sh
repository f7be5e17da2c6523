#!/bin/sh
# The usual tools, one after the other, for what `sonoteca run` makes of recordings. Frozen: a test holds its sha256,
# so that figures of different days are compared with the same thing.
#
#     shell_baseline.sh OUT FILE…    the files must be on the same file system as OUT, which must not exist
#
# For each file: a copy for listening (Opus, 96 kbit/s, ffmpeg's libopus as it comes), a lossless copy of what is
# lossless and not FLAC (flac -8), loudness and true peak (ffmpeg's ebur128), an outline (ffmpeg's showwavespic), sha256
# of everything; at the end one torrent of all of it, 256 KiB a piece, the originals included as hard links.
# In favour of the tools: one thread each (so no time is lost between threads), nothing logged a frame, the programs'
# own defaults for everything that is not named here. No fingerprint (fpcalc): ours makes none yet either.
set -eu
out=$1
shift
mkdir -p "$out/originals"
for file; do
    name=${file##*/}
    name=${name%.*}
    ln "$file" "$out/originals/"
    ffmpeg -nostdin -v error -threads 1 -i "$file" -map 0:a:0 -threads 1 -c:a libopus -b:a 96k "$out/$name.opus"
    case $file in
        *.wav | *.aiff) flac --silent -8 -o "$out/$name.flac" "$file" ;;
    esac
    ffmpeg -nostdin -hide_banner -threads 1 -i "$file" -map 0:a:0 -af ebur128=peak=true:framelog=verbose -f null - \
        2> "$out/$name.loudness.txt"
    ffmpeg -nostdin -v error -threads 1 -i "$file" -filter_complex "[0:a:0]showwavespic=s=1800x140" -frames:v 1 \
        "$out/$name.png"
done
(cd "$out" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + > SHA256SUMS)
mktorrent -l 18 -t 1 -o "$out.torrent" "$out" > /dev/null
