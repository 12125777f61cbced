"""What an encoder gives where its sequences are padded: zeros in evaluation, if torch can compute without the padding."""


def play(torch, tr, tell):
    nn = torch.nn
    ends, starts = torch.tensor([[0, 0, 1], [0, 1, 1]]).bool(), torch.tensor([[1, 0, 0], [0, 0, 0]]).bool()
    nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), 1)

    def filled(module):
        with torch.no_grad():
            for p in module.parameters():
                p.copy_(torch.linspace(-1, 1, p.numel()).cos().reshape(p.shape))
        return module

    x = torch.linspace(-1, 1, 24).sin().reshape(2, 3, 4)
    options = (
        *({}, {"norm_first": True}, {"batch_first": False}, {"bias": False}, {"activation": torch.tanh}),
        *({"activation": "gelu"}, {"activation": nn.ReLU()}, {"nhead": 1}, {"layer_norm_eps": 1e-3}),
    )
    for given in options:
        layer = filled(
            nn.TransformerEncoderLayer(**{"d_model": 4, "nhead": 2, "batch_first": True, "dropout": 0.0} | given)
        )
        tr(lambda layer=layer: nn.TransformerEncoder(layer, 1).use_nested_tensor)
        encoder = nn.TransformerEncoder(layer, 2, filled(nn.LayerNorm(4)))
        for evaluated in (True, False):
            encoder.train(not evaluated)
            for grad in (True, False):
                with torch.set_grad_enabled(grad):
                    tell(list(given), evaluated, grad)
                    padding = ends if layer.self_attn.batch_first else torch.zeros(3, 2).bool()
                    tell(encoder(x, src_key_padding_mask=padding).detach())
    layer = filled(nn.TransformerEncoderLayer(4, 2, batch_first=True))
    tr(lambda: nn.TransformerEncoder(layer, 1, enable_nested_tensor=False).use_nested_tensor)
    encoder = nn.TransformerEncoder(layer, 1).eval().requires_grad_(False)
    tell(encoder(x, src_key_padding_mask=ends), encoder(x.requires_grad_(), src_key_padding_mask=ends).detach())
    with torch.no_grad():
        tell(encoder(x, src_key_padding_mask=starts), encoder(x[0], src_key_padding_mask=ends[0]))
        tell(encoder(x, torch.zeros(3, 3).bool(), ends))
        tell(encoder(x, src_key_padding_mask=torch.zeros(2, 3).masked_fill(ends, float("-inf"))))
