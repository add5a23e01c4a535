"""``book preview``: the site of the sources as they are now, in the browser while they are being written."""
