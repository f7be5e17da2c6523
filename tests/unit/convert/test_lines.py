"""Lines in float32: numpy's own transform in float64 is the judge."""

import numpy

from sonoteca.convert.lines import lines_of, power_of


def test_as_float64_has_them_and_no_wider() -> None:
    frames = numpy.random.default_rng(1).normal(0, 0.3, (5, 4096)).astype(numpy.float32)
    frames[1] = numpy.sin(numpy.arange(4096) * 0.7)
    expected = numpy.fft.rfft(frames.astype(numpy.float64)) / 4096

    found = lines_of(frames)

    assert found.dtype == numpy.complex64
    apart = numpy.abs(found - expected).max(axis=1) / numpy.abs(expected).max(axis=1)
    assert 20 * numpy.log10(apart.max()) < -120
    assert power_of(found).dtype == numpy.float32
    numpy.testing.assert_allclose(power_of(found), numpy.abs(expected) ** 2, atol=1e-9)
