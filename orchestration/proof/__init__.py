"""The offline proof: archive digests, both chains, and what the published snapshot claims about itself."""

from orchestration.proof.verify import Finding, verify

__all__ = ["Finding", "verify"]
