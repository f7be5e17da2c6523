"""The licence table: what is known about licences, as data. Words in, SPDX ids out, and what each lets an archive do.

Order  a name is looked up here first, then among SPDX's own ids (license-expression brings that list), then read as
       Creative Commons or GNU words (licence_words.py). What none of them knows is not understood, and holds.
Never  lists what is allowed: FREE says that a licence lets anyone copy, share and change a work for any purpose.
       Whether that is wanted is the operator's policy.
"""

from enum import StrEnum


class LicenceClass(StrEnum):
    """What may be done, coarsely; volumes never mix classes. CUSTOM: known by name only, a person has to read it."""

    FREE = "free"
    NC = "nc"
    ND = "nd"
    NC_ND = "nc-nd"
    CUSTOM = "custom"
    RESERVED = "reserved"
    UNKNOWN = ""


# Approved by the OSI, or counted as free by the FSF or Debian, or made for content with the same freedoms. Creative
# Commons licences are not here: their class follows from their elements.
_FREE = """
     0BSD AAL AFL-1.1 AFL-1.2 AFL-2.0 AFL-2.1 AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later APL-1.0 APSL-2.0
    Apache-1.0 Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-1.0-cl8 Artistic-2.0 BSD-1-Clause
    BSD-2-Clause BSD-2-Clause-Patent BSD-2-Clause-Views BSD-3-Clause BSD-3-Clause-Attribution BSD-3-Clause-Clear
    BSD-3-Clause-LBNL BSD-3-Clause-Modification BSD-4-Clause BSD-4-Clause-UC BSL-1.0 Beerware BlueOak-1.0.0
    CAL-1.0 CATOSL-1.1 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 CECILL-2.0
    CECILL-2.1 CECILL-B CECILL-C CERN-OHL-P-2.0 CERN-OHL-S-2.0 CERN-OHL-W-2.0 CNRI-Python CPAL-1.0 CPL-1.0
    CUA-OPL-1.0 ClArtistic D-FSL-1.0 DL-DE-BY-2.0 DL-DE-ZERO-2.0 ECL-1.0 ECL-2.0 EFL-1.0 EFL-2.0 EPL-1.0 EPL-2.0
    EUDatagrid EUPL-1.1 EUPL-1.2 Entessa FSFAP FTL Fair Frameworx-1.0 GFDL-1.1-no-invariants-only
    GFDL-1.1-no-invariants-or-later GFDL-1.2-no-invariants-only GFDL-1.2-no-invariants-or-later
    GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later GPL-1.0-only GPL-1.0-or-later GPL-2.0-only
    GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND HPND-sell-variant ICU IJG IPA IPL-1.0 ISC Imlib2 Intel
    LAL-1.2 LAL-1.3 LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only
    LGPL-3.0-or-later LPL-1.0 LPL-1.02 LPPL-1.2 LPPL-1.3a LPPL-1.3c LiLiQ-P-1.1 LiLiQ-R-1.1 LiLiQ-Rplus-1.1
    Libpng MIT MIT-0 MIT-CMU MIT-Modern-Variant MIT-advertising MIT-feh MPL-1.0 MPL-1.1 MPL-2.0 MS-PL MS-RL
    MirOS Motosoto MulanPSL-2.0 Multics NASA-1.3 NCSA NLOD-1.0 NLOD-2.0 NTP Naumen Nokia OCLC-2.0 ODC-By-1.0
    ODbL-1.0 OFL-1.0 OFL-1.1 OFL-1.1-RFN OFL-1.1-no-RFN OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OGTSL OLDAP-2.7
    OLDAP-2.8 OSL-1.0 OSL-2.0 OSL-2.1 OSL-3.0 OpenSSL PDDL-1.0 PHP-3.0 PHP-3.01 PSF-2.0 PostgreSQL Python-2.0
    QPL-1.0 RPL-1.5 RPSL-1.0 RSCPL Ruby SGI-B-2.0 SMLNJ SPL-1.0 SimPL-2.0 Sleepycat UCL-1.0 UPL-1.0 Unicode-3.0
    Unicode-DFS-2016 Unlicense VSL-1.0 Vim W3C WTFPL X11 XFree86-1.1 Xnet ZPL-1.1 ZPL-2.0 ZPL-2.1 Zend-2.0 Zlib
    bzip2-1.0.6 etalab-2.0 libpng-2.0 libtiff wxWindows xinetd zlib-acknowledgement
"""
FREE = frozenset(_FREE.split())

PUBLIC_DOMAIN = "LicenseRef-scancode-public-domain"
ALL_RIGHTS_RESERVED = "LicenseRef-all-rights-reserved"
NONCOMMERCIAL_WORDS = "LicenseRef-noncommercial"
NODERIVATIVES_WORDS = "LicenseRef-noderivatives"
# A text says more than the licences recognised in it; only ever one of several names.
OTHER_TERMS = "LicenseRef-other-terms"

# A claim that nobody's permission is needed: true or false, it has to be reasoned; a mark or a word does not make it
# so.
PUBLIC_DOMAIN_CLAIMS = frozenset({PUBLIC_DOMAIN, "CC-PDM-1.0", "http://rightsstatements.org/vocab/NKC/1.0/"})
# Claims and dedications that do not contradict each other: all say that no right is left.
NO_RIGHTS_LEFT = PUBLIC_DOMAIN_CLAIMS | {"CC0-1.0", "CC-PDDC", "PDDL-1.0"}

# rightsstatements.org: all twelve statements, version 1.0. They describe a status, they are no licences; only the two
# that grant a use lead to a class that can be published.
RIGHTS_STATEMENTS: dict[str, LicenceClass] = {
    "InC": LicenceClass.RESERVED,  # in copyright
    "InC-OW-EU": LicenceClass.RESERVED,  # an orphan work of the EU
    "InC-EDU": LicenceClass.RESERVED,  # educational use permitted: an archive open to all is more than that
    "InC-NC": LicenceClass.NC,  # the holder permits every non-commercial use
    "InC-RUU": LicenceClass.RESERVED,  # holder unlocatable or unidentifiable
    "NoC-CR": LicenceClass.CUSTOM,  # no copyright, but a contract restricts
    "NoC-NC": LicenceClass.NC,  # no copyright, but a contract allows non-commercial use only
    "NoC-OKLR": LicenceClass.CUSTOM,  # no copyright, but other law restricts
    "NoC-US": LicenceClass.CUSTOM,  # no copyright in the United States: elsewhere unknown
    "CNE": LicenceClass.CUSTOM,  # not evaluated
    "UND": LicenceClass.CUSTOM,  # undetermined
    "NKC": LicenceClass.FREE,  # no known copyright: a claim (PUBLIC_DOMAIN_CLAIMS)
}

# Names that SPDX does not know: Debian's short names (DEP-5), what people write. Lower case.
NAMES: dict[str, str] = {
    "expat": "MIT",
    "mit license": "MIT",
    "mit licence": "MIT",
    "the mit license": "MIT",
    "x11 license": "X11",
    "bsd-2": "BSD-2-Clause",
    "bsd-3": "BSD-3-Clause",
    "bsd-4": "BSD-4-Clause",
    "2-clause bsd": "BSD-2-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "simplified bsd": "BSD-2-Clause",
    "new bsd": "BSD-3-Clause",
    "apache-2": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "artistic": "Artistic-1.0",
    "artistic-1": "Artistic-1.0",
    "artistic-2": "Artistic-2.0",
    "perl": "Artistic-1.0 OR GPL-1.0-or-later",
    "zlib/libpng": "Zlib",
    "zope-1.1": "ZPL-1.1",
    "zope-2.0": "ZPL-2.0",
    "zope-2.1": "ZPL-2.1",
    "python-2": "Python-2.0",
    "qpl": "QPL-1.0",
    "efl-1": "EFL-1.0",
    "efl-2": "EFL-2.0",
    "cpl-1": "CPL-1.0",
    "mpl-1": "MPL-1.0",
    "mpl-2": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "gfdl-niv-1.1": "GFDL-1.1-no-invariants-only",
    "gfdl-niv-1.1+": "GFDL-1.1-no-invariants-or-later",
    "gfdl-niv-1.2": "GFDL-1.2-no-invariants-only",
    "gfdl-niv-1.2+": "GFDL-1.2-no-invariants-or-later",
    "gfdl-niv-1.3": "GFDL-1.3-no-invariants-only",
    "gfdl-niv-1.3+": "GFDL-1.3-no-invariants-or-later",
    "free art license": "LAL-1.3",
    "free art license 1.3": "LAL-1.3",
    "licence art libre": "LAL-1.3",
    "licence art libre 1.3": "LAL-1.3",
    "cc0": "CC0-1.0",
    "cc 0": "CC0-1.0",
    "cc zero": "CC0-1.0",
    "public domain": PUBLIC_DOMAIN,
    "public-domain": PUBLIC_DOMAIN,
    "publicdomain": PUBLIC_DOMAIN,
    "pd": PUBLIC_DOMAIN,
    "gemeinfrei": PUBLIC_DOMAIN,
    "domaine public": PUBLIC_DOMAIN,
    "dominio público": PUBLIC_DOMAIN,
}
# What says in so many words that nothing is said.
NOTHING_SAID = frozenset(
    {"", "-", "?", "n/a", "na", "none", "noassertion", "unknown", "null", "undefined", "unspecified", "tbd"}
)

# Words that reserve or restrict, in the languages that recordings come in. As a claim they contradict a freer
# licence; they are never a ground to publish. Patterns over lower-case text with single spaces.
RESTRICTING: tuple[tuple[str, str], ...] = (
    (ALL_RIGHTS_RESERVED, r"all rights (?:are )?reserved"),
    (ALL_RIGHTS_RESERVED, r"alle rechte vorbehalten|alle rechten voorbehouden|alla rättigheter förbehålln"),
    (ALL_RIGHTS_RESERVED, r"tous droits r[ée]serv[ée]s|todos los derechos reservados|todos os direitos reservados"),
    (ALL_RIGHTS_RESERVED, r"tutti i diritti (?:sono )?riservati|wszelkie prawa zastrze[żz]one|все права защищены"),
    (ALL_RIGHTS_RESERVED, r"版权所有|版權所有|不許複製|無断転載|禁無断|모든 권리"),
    (ALL_RIGHTS_RESERVED, r"unauthori[sz]ed (?:\w+[ ,]+){0,6}(?:prohibited|forbidden|not permitted|violation)"),
    (ALL_RIGHTS_RESERVED, r"(?:^|[.;:!] |please )do not (?:re-?)?distribute|not for (?:re-?)?distribution"),
    (ALL_RIGHTS_RESERVED, r"no redistribution|not to be (?:copied|shared)"),
    (ALL_RIGHTS_RESERVED, r"(?:personal|private|promotional|promo|educational|evaluation) use only|promo only"),
    (
        NONCOMMERCIAL_WORDS,
        r"non-? ?commercial(?: use)? only|only for non-? ?commercial|for non-? ?commercial (?:use|purposes)",
    ),
    (NONCOMMERCIAL_WORDS, r"not for commercial|no commercial use|not for (?:re)?sale|usage non[ -]commercial"),
    (NONCOMMERCIAL_WORDS, r"nicht[ -]?kommerzielle[nr]? (?:nutzung|zwecke)|uso no comercial|uso non commerciale"),
    (NODERIVATIVES_WORDS, r"no derivatives|no derivative works|no remix(?:es|ing)"),
    (NODERIVATIVES_WORDS, r"no modifications? (?:is |are )?(?:allowed|permitted)"),
)

# What people call the jurisdictions of ported Creative Commons licences. Lower case.
_PORTS = """
    at austria, au australia, be belgium, br brazil, br brasil, ca canada, ch switzerland, ch schweiz, cl chile, cn
    china, cz czech republic, de germany, de deutschland, dk denmark, ee estonia, es spain, es españa, fi finland, fr
    france, gr greece, hu hungary, ie ireland, il israel, in india, it italy, it italia, jp japan, kr korea, lu
    luxembourg, mx mexico, nl netherlands, nl nederland, no norway, nz new zealand, pl poland, pl polska, pt portugal,
    ro romania, se sweden, za south africa, tw taiwan, uk united kingdom, uk england and wales, us united states, us
    usa, igo igo
"""
PORTS: dict[str, str] = {name: code for code, _, name in (one.strip().partition(" ") for one in _PORTS.split(","))}
