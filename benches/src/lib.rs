//! The composer beside its peers: fragment server, load, bare programs.
