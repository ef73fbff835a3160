"""The offline proof: archive digests, both chains, what the published snapshot claims about itself, and its matches."""

from orchestration.proof.finding import Finding
from orchestration.proof.matching import Proof, prove_matching
from orchestration.proof.proven import Proven, proven
from orchestration.proof.rebuilt import Rebuilt, closed_days, prove_rebuilt
from orchestration.proof.verify import months_of, verify

__all__ = [
    "Finding",
    "Proof",
    "Proven",
    "Rebuilt",
    "closed_days",
    "months_of",
    "prove_matching",
    "prove_rebuilt",
    "proven",
    "verify",
]
