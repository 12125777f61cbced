"""Attention with several heads: what it says of ranks, masks and keys that were split before; the nodes at its end."""


def play(torch, tr, tell):
    F, nn = torch.nn.functional, torch.nn
    torch.manual_seed(0)
    biased, plain = nn.MultiheadAttention(4, 2, add_bias_kv=True), nn.MultiheadAttention(4, 2)
    alone, batch = torch.randn(3, 4), torch.randn(3, 2, 4)

    def split(m, **given):
        weights = m.in_proj_weight, m.in_proj_bias, m.bias_k, m.bias_v
        ends = m.out_proj.weight, m.out_proj.bias
        return F.multi_head_attention_forward(batch, batch, batch, 4, 2, *weights, False, 0.0, *ends, **given)

    r = torch.randn
    tr(lambda: split(plain, static_k=r(4, 5, 2), static_v=r(4, 5, 2)))
    for given in ({"static_k": r(4, 3, 2)}, {"static_v": r(4, 3, 2)}):
        tr(lambda given=given: split(biased, **given))
    for shape in ((3, 3, 2), (4, 3, 1)):
        tr(lambda shape=shape: split(plain, static_k=r(shape)))
        tr(lambda shape=shape: split(plain, static_v=r(shape)))
    for inputs in (
        *((batch, alone, batch), (batch, batch, alone), (alone, batch, alone), (alone, alone, batch)),
        *((r(4), alone, alone), (r(1, 1, 3, 4), batch, batch), (batch, alone, alone), (alone, batch, batch)),
    ):
        tr(lambda inputs=inputs: plain(*inputs))
    for x in (alone, batch):
        for shape in ((3,), (2, 3), (3, 2), (2,), (2, 3, 1)):
            padding = torch.zeros(shape, dtype=torch.bool)
            tr(lambda x=x, padding=padding: plain(x, x, x, key_padding_mask=padding)[1])
        for shape in ((3,), (2, 3), (3, 3), (2, 3, 3), (4, 3, 3), (1, 1, 3, 3)):
            mask = torch.zeros(shape, dtype=torch.bool)
            tr(lambda x=x, mask=mask: plain(x, x, x, attn_mask=mask)[1])
        tr(lambda x=x: plain(x, x, x, is_causal=True))
        tr(lambda x=x: plain(x, x, x, need_weights=False, is_causal=True))
        for weights in (True, False):
            tr(lambda x=x, weights=weights: plain(x, x, x, need_weights=weights)[0])
