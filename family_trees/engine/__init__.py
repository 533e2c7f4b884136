"""The paper's equations, for any layered network."""
