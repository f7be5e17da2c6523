"""Stock clients as judges: programs that other people wrote open our torrents and fetch from our seeder.

Everything happens in a network of its own where root allows it, else on 127.0.0.0/8; no client looks for other hosts.
"""
