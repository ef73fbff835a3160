"""The offline proof: archive digests, both chains, what the published snapshot claims about itself, and its matches."""

from orchestration.proof.finding import Finding
from orchestration.proof.matching import Proof, prove_matching
from orchestration.proof.rebuilt import Rebuilt, closed_days, prove_rebuilt
from orchestration.proof.verify import verify

__all__ = ["Finding", "Proof", "Rebuilt", "closed_days", "prove_matching", "prove_rebuilt", "verify"]
