"""Two maps of bytes beside each other, before and after, for pages with the script of such maps."""

from __future__ import annotations

__all__ = ["two_maps"]


def two_maps(about: str, legend: str) -> str:
    """The section: ``about`` is HTML that tells what the maps show, ``legend`` HTML of what the colours mean."""
    return f"""<section id="map">
<h2>Where the bytes are</h2>
<p class="lead">{about} Click or press
Enter to go into a directory, Escape to go up, arrow keys to walk.</p>
<div class="tools"><div class="crumbs" id="crumbs" aria-label="Directory"></div>\
<button id="scale" aria-pressed="false">after at the same scale</button></div>
<div class="maps">
<figure><figcaption>Before <span id="size-before"></span></figcaption>
<div class="frame"><div class="map" id="map-before" role="group" aria-label="Map before"></div></div></figure>
<figure><figcaption>After <span id="size-after"></span></figcaption>
<div class="frame"><div class="map" id="map-after" role="group" aria-label="Map after"></div></div></figure>
</div>
<div class="legend">{legend}</div>
<div class="card about" id="about" aria-live="polite"></div>
</section>"""
