"""Reports: what the coordinator needs of probing, without loading what probes.

Takes  results of the workshop.   Gives  ProbeReports: a call that died is a refusal like any other.
"""

from sonoteca.formats.plain import from_plain
from sonoteca.model.finding import finding
from sonoteca.model.media import ProbeReport
from sonoteca.ports.workshop import Died, Done, Result

# Task names for Workshop.run_each; the arguments of a call are (path in the quarantine, name as found).
PROBE = "sonoteca.acquire.probe:probe_plain"
PICTURE = "sonoteca.acquire.probe:picture_plain"
# Arguments: (path in the store, digest of a picture inside); gives its bytes in base64, "" when it is not there.
INSIDE = "sonoteca.acquire.probe_inside:picture_plain"


def parse_report(result: Result, name: str) -> ProbeReport:
    """The report in a result. A file over which the limited process died, or about which it talked nonsense, is
    refused (F006)."""
    if isinstance(result, Done):
        try:
            return from_plain(ProbeReport, result.value)
        except ValueError as error:
            result = Died("error", f"it answered nonsense: {str(error)[:200]}")
    return ProbeReport(audio=None, findings=(finding("F006", where=name, detail=f"{result.reason}: {result.detail}"),))
