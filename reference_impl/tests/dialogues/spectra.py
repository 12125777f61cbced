"""What torch.istft asks of the spectra that it is to turn back."""


def play(torch, tr, tell):
    spectra = torch.arange(12.0).sin().view(6, 2).to(torch.complex128)
    tr(lambda: torch.istft(spectra, 10, window=torch.ones(10, dtype=torch.float64)))
    tr(lambda: torch.istft(spectra, 10))
    for wrong in (spectra.T, spectra[:, :0], spectra[None, None], spectra[:5]):
        tr(lambda wrong=wrong: torch.istft(wrong, 10))
    for options in (
        {"onesided": False}, {"win_length": 12}, {"hop_length": 0}, {"hop_length": 9, "win_length": 8},
        {"window": torch.ones(5)}, {"window": torch.ones(2, 5)}, {"return_complex": True},
        {"window": torch.zeros(10, dtype=torch.float64)},
    ):  # fmt: skip
        tr(lambda options=options: torch.istft(spectra, 10, **options))
