"""Joining, repeating, turning, differences: what is empty, what does not fit, what is refused."""

CALLS = """
    block_diag() block_diag(tensor(1.0)) block_diag(ones(2),empty,ones(2,2)) cat([empty,empty],dim=1) cat([empty,x],dim=1)
    cat([]) cat([tensor(1)]) cat([ones(2),x]) cat([x,ones(2,2)]) cat([x,x.int()]).dtype stack([]) stack([x,x[0]])
    hstack(x) vstack(x) dstack(x) column_stack(x) hstack(()) vstack(()) column_stack(()) hstack([x,x]) column_stack([x[0],x[1]])
    combinations(i,r=0) combinations(i,r=1) combinations(i,r=4) combinations(i,r=-1) combinations(x) combinations(empty)
    meshgrid(i,x[0],indexing='ij') meshgrid(i,i,indexing='xy') meshgrid(i,i,indexing='a') cartesian_prod(i) cartesian_prod(i,i)
    roll(x,1) roll(x,1,dims=None) roll(x,(1,2),(0,1)) roll(x,(1,2),0) roll(x,[1,1],[0,0]) roll(x,1,5) roll(x,(),())
    repeat_interleave(i) repeat_interleave(-i) repeat_interleave(x[0]) repeat_interleave(i[None]) repeat_interleave(x,-1)
    repeat_interleave(x,2,dim=1) repeat_interleave(x,i,dim=1) repeat_interleave(x,i,dim=0)
    repeat_interleave(x,i[:2],0,output_size=3) repeat_interleave(x,i[:2],0,output_size=4) repeat_interleave(x,-i[:2],0)
    x.flip() x.flip(()) x.flip(0) x.flip(0,0) x.flip(0,1,2,3) as_strided(x,(1,),()) x.view(double) x.view(int16).shape x.t().view(int16) tensor(1.0).view(int16) x.view(int32)
    tril_indices(-1,2) triu_indices(2,-1) tril_indices(2,3,1)
    unravel_index(tensor(5),(2,3)) unravel_index(x,(2,3)) unravel_index(i,(2,-3)) unravel_index(i,'a') unravel_index(i,(2.0,3))
    unravel_index(i,x) unravel_index(i,2.5) x.__delitem__(0) cumulative_trapezoid(x,x=x[0],dim=5) frexp(x) frexp(i) frexp(x.half()) diff(x) diff(x,n=5) diff(x,n=-1) diff(x>2) diff(x,prepend=ones(2)) diff(x,append=ones(2,1))
    diff(x,append=ones(3,1)) diff(x,dim=0,prepend=ones(1,3)) trapezoid(x) trapezoid(x,x=ones(2)) trapezoid(x,x=x[0])
    cumulative_trapezoid(x,x=ones(2)) cumulative_trapezoid(x,x=x[0],dim=1) std(ones(1)) var(x,correction=7) std_mean(ones(1))
"""


def play(torch, tr, tell):
    x = torch.arange(6.0).reshape(2, 3)
    names = {n: getattr(torch, n) for n in ("tensor", "ones", "double", "int16", "int32")}
    names |= {"x": x, "i": torch.tensor([1, 2, 3]), "empty": torch.empty(0)}
    for call in CALLS.split():
        name = call.partition("(")[0]
        known = names if "." in name else names | {name: getattr(torch, name, None)}
        tr(lambda call=call, known=known: eval(call, dict(known)))

    # images whose channels lie last stay so, if all of them do
    image = torch.zeros(2, 3, 4, 5)
    last, video = image.to(memory_format=torch.channels_last), torch.zeros(2, 3, 2, 4, 5)
    tr(lambda: [torch.cat(pair, d).stride() for d in (0, 1) for pair in ((last, last), (last, image), (image, last))])
    tr(lambda: torch.cat([video.to(memory_format=torch.channels_last_3d)] * 2, 1).stride())
