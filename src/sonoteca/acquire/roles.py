"""Roles: what a file is taken for, by its name, before anybody opens it.

Takes  a path as found.
Gives  a role and, when it is refused for its name alone, the code of the finding.
Never  says that something *is* a recording: AUDIO means "ask the probe", and so does UNKNOWN. MIDI and tracker modules
       are AUDIO so that the probe can say why it refuses them.

The tables are the law; the first rule of `role_of` that applies decides. Names are compared without case, after
trimming blanks, as people and systems mix both.
"""

import re

from sonoteca.model.source import Role

Judged = tuple[Role, str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What FFmpeg reads as sound, alone or beside pictures, and scores that only look like it.
SOUND = _words("""
    669 aa3 aac ac3 ac4 adts afc aif aifc aiff al alac amr ape aptx ast au awb bwf caf dff dfpwm dsd dsf dss dts
    dtshd eac3 ec3 fla flac g722 gsm iamf ircam la lpcm m2a m4a m4b m4p m4r mka mlp mp+ mp1 mp2 mp3 mpa mpc mpp
    msv nist ofr ofs oga ogg oggflac oggtheora ogx oma omg opus osq qcp qoa ra rf64 rka shn sln snd son spdif
    sph spx tak tco thd truehd tta ul voc vqf w64 wav wave wma wsd wv wvc wve xa
""")
FILM = _words("""
    3g2 3gp asf avi divx f4v flv m2ts m2v m4v mk3d mkv mov mp4 mpeg mpg mts mxf ogm ogv rm rmvb ts vob webm wmv
    wtv
""")
SCORES = _words("""
    amf ams ay dbm digi dmf dsm far gbs gdm gym hes imf it j2b kar kss mdl med mid midi minipsf mo3 mod mptm mt2
    mtm nsf nsfe okt plm psf psm ptm rmi s3m sap sid smf spc stm ult umx vgm vgz xm xmf ym
""")
DOCUMENTS = _words("""
    accurip asc asx bib ccd cfg conf css csv cue diz doc docx dtd eps epub ffp gpg htm html info ini json jsonl
    krn lab list log lrc lst ly m3u m3u8 marc markdown md md5 mei mht mhtml mrc mscz musicxml mxl ndjson nfo odp
    ods odt p7s par2 pdf pem pls ps rdf readme rst rtf sfv sha sha1 sha224 sha256 sha384 sha512 sig srt ssa st5
    tex text textgrid toc toml torrent tsv ttl txt url vtt webloc wpl xls xlsx xml xsd xsl xspf yaml yml
""")
PICTURES = _words("""
    apng avif bmp dib gif heic heif ico j2k jfif jp2 jpe jpeg jpg jxl pbm pcx pgm png ppm psd svg svgz tga tif
    tiff webp xcf
""")
PACKED = _words("7z ace arj bz2 cab dmg gz iso lha lz lz4 lzh lzma rar tar tbz2 tgz txz xz z zip zst")
SQUEEZED = _words("bz2 gz xz zst")  # one file each, so what is inside has a name too

MANIFESTS = _words("rights.json rights.toml reuse.toml")
# COPYRIGHT, COPYRIGHT.wesnoth-music, LICENSE-tinytag.txt, Licence (CC BY).txt; not "Licensed to Ill.txt".
LICENCE_TEXT = re.compile(r"(?:copyrights?|licen[cs]es?|copying|unlicense|unlicence)(?:[^a-z0-9].*)?")
LICENCE_FOLDERS = _words("licenses licences")  # REUSE keeps the texts there
DOCUMENT_STEMS = re.compile(
    r"(?:authors?|bugs|changelog|changes|checksums?|contents?|contributors|credits|faq|history|hints|info|install"
    r"|lineage|maintainers|md5(?:sums?)?|news|notes?|notice|readme|read[ _-]me|release|setlist"
    r"|sha(?:1|224|256|384|512)(?:sums?)?|thanks|todo|track ?list|version)(?:[^a-z0-9].*)?"
)

SYSTEM_FILES = re.compile(
    r"\._.*|\.ds_store|thumbs\.db|ehthumbs(?:_vista)?\.db|desktop\.ini|icon\r|\.directory|\.localized"
    r"|\.volumeicon\.icns|\.apdisk|\.nomedia|\.~lock\..*#|~\$.*|\.fuse_hidden.*|\.nfs[0-9a-f]+"
)
SYSTEM_FOLDERS = re.compile(
    r"\.trash(?:es)?(?:-\d+)?|@eadir|#recycle|#snapshot|\$recycle\.bin|recycler|system volume information|__macosx"
    r"|\.appledouble|\.spotlight-v100|\.fseventsd|\.temporaryitems|\.documentrevisions-v100|lost\+found|\.git|\.svn"
    r"|\.hg|\.bzr|\.thumbnails|\.cache|\.stfolder|\.stversions|\.sync"
)


def role_of(path: str) -> Judged:
    """The role of a file, and the finding's code when the role is REFUSED ("" else)."""
    *folders, name = (part.strip(" ").lower() for part in path.split("/"))
    if SYSTEM_FILES.fullmatch(name) or any(SYSTEM_FOLDERS.fullmatch(folder) for folder in folders):
        return Role.REFUSED, "F010"
    return _by_name(name, folders[-1] if folders else "")


def _by_name(name: str, folder: str) -> Judged:
    ending = ending_of(name)
    if name in MANIFESTS or ending == "license":
        return Role.EVIDENCE, ""
    if ending in SOUND | FILM | SCORES:
        return Role.AUDIO, ""  # before the licence texts: "Licence to Thrill.flac"
    if ending in PICTURES:
        return Role.ARTWORK, ""
    if ending in PACKED:
        return _inside(name, ending, folder)
    if LICENCE_TEXT.fullmatch(name) or folder in LICENCE_FOLDERS:
        return Role.EVIDENCE, ""
    if ending in DOCUMENTS or DOCUMENT_STEMS.fullmatch(name):
        return Role.DOCUMENT, ""
    return Role.UNKNOWN, ""


def _inside(name: str, ending: str, folder: str) -> Judged:
    """readme.txt.gz is a document as it is; everything else that is packed must be unpacked by a person first."""
    inner = _by_name(name.removesuffix(f".{ending}").strip(), folder)[0]
    is_text = ending in SQUEEZED and inner in (Role.DOCUMENT, Role.EVIDENCE)
    return (Role.DOCUMENT, "") if is_text else (Role.REFUSED, "F011")


def ending_of(name: str) -> str:
    """What stands behind the last dot, in lower case; "" for none, and for a name that only begins with a dot."""
    stem, dot, ending = name.strip().lower().rpartition(".")
    return ending if dot and stem else ""


def is_named_like_sound(name: str) -> bool:
    """Whether a name ends as that of a recording or film does."""
    return ending_of(name) in SOUND | FILM
