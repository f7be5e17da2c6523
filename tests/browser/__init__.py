"""The website as browsers see it: Chromium, Firefox and WebKitGTK open pages of a real archive, press, type, listen.

Order  wire (WebDriver over HTTP, Marionette) → browser (what a person can do) → programs (which browsers);
       recordings → the archive → house (its website) → tests.
Our own client of a few hundred lines, as selenium would fetch drivers from other hosts and brings what is not needed.
"""
