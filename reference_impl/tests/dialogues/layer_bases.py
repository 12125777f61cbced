"""The files of torch.nn.modules and the bases of layers: what a program asks of the layers of a model, or inherits."""

LAYERS = """L1Loss MSELoss SmoothL1Loss HuberLoss BCELoss BCEWithLogitsLoss NLLLoss CrossEntropyLoss CTCLoss KLDivLoss PoissonNLLLoss
    GaussianNLLLoss HingeEmbeddingLoss MarginRankingLoss MultiLabelMarginLoss MultiMarginLoss MultiLabelSoftMarginLoss
    SoftMarginLoss CosineEmbeddingLoss TripletMarginLoss TripletMarginWithDistanceLoss AdaptiveLogSoftmaxWithLoss Dropout
    Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout ReLU RReLU"""


def play(torch, tr, tell):
    nn, modules = torch.nn, torch.nn.modules

    class Weighted(modules.loss._WeightedLoss):
        def forward(self, input, target):
            terms = (input - target).abs() * self.weight
            return terms.mean() if self.reduction == "mean" else terms.sum()

    for options in ({}, {"reduction": "sum"}, {"size_average": False}, {"reduce": False}):
        tr(lambda options=options: modules.loss._Loss(**options).reduction)
        tr(lambda options=options: nn.MSELoss(**options).reduction)
        tr(lambda options=options: nn.CrossEntropyLoss(**options)(torch.eye(2), torch.tensor([0, 1])))
        tr(lambda options=options: Weighted(torch.arange(3.0), **options)(torch.ones(3), torch.zeros(3)))
    loss = Weighted(torch.ones(2))
    tell(loss, loss.state_dict(), hasattr(nn.MSELoss(), "size_average"))
    tr(lambda: modules.loss._Loss()(1))
    tr(lambda: modules.dropout._DropoutNd(1.5))
    tell(modules.dropout._DropoutNd(0.25))
    bases = (modules.loss._Loss, modules.loss._WeightedLoss, modules.dropout._DropoutNd)
    for name in LAYERS.split():
        tell(name, [issubclass(getattr(nn, name), base) for base in bases])
    model = nn.Sequential(
        nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2), nn.InstanceNorm2d(2), nn.ReLU(), nn.Dropout2d(), nn.LSTM(2, 2)
    )
    kinds = (
        *(modules.conv._ConvNd, modules.batchnorm._BatchNorm, modules.instancenorm._InstanceNorm),
        *(modules.activation.ReLU, modules.dropout._DropoutNd, modules.rnn.RNNBase, modules.container.Sequential),
    )
    for layer in model.modules():
        tell(type(layer).__name__, [isinstance(layer, kind) for kind in kinds])
    found = (modules.pooling.MaxPool2d, modules.padding.ZeroPad2d, modules.flatten.Flatten, modules.upsampling.Upsample)
    tell([kind.__name__ for kind in (*found, modules.distance.CosineSimilarity, modules.fold.Fold)])
    tell(hasattr(nn, "loss"), hasattr(nn, "linear"), hasattr(nn, "_Loss"), hasattr(modules, "layer"))
