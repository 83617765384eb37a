"""One function a forgery: what an adversary or a broken tool might make of a manifest store."""
