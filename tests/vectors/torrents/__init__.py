"""Infohashes that libtorrent's own creator gives for many layouts of files."""
