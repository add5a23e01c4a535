"""Wrong answers to the exercises of headaches: for each, its name, its code, and words of the hint it must get."""

RIGHT_1 = """
diagnosis = {"A": "wrong labels", "B": "learning rate too low", "C": "rows sorted by class",
             "D": "overfitting", "E": "learning rate too high"}
"""

# Curves as they might be, for the lowest validation losses after epochs 12, 6 and 5.
CURVES = """
def curves(lowest, floor):
    steps = np.arange(1, 13)
    val_loss = floor + 0.02 * (steps - lowest) ** 2
    return {"loss": list(2 / steps), "accuracy": list(1 - 0.5 / steps),
            "val_loss": list(val_loss), "val_accuracy": list(1 - val_loss / 10)}

histories = {8: curves(12, 0.6), 512: curves(6, 0.4), 2048: curves(5, 0.38)}
lowest = {8: 12, 512: 6, 2048: 5}
"""

# Networks for the rescue. To save time they are not trained: the counter of steps says that they were.
CURES = """
def cross_entropy(network, rows=x_val, labels=y_val):
    p = np.clip(network.predict(rows, batch_size=1000, verbose=0)[:, 0], 1e-7, 1 - 1e-7)
    return -np.mean(np.where(labels == 1, np.log(p), np.log(1 - p)))

def cure(dropout=0.0, penalty=None, steps=300):
    keras.utils.set_random_seed(1)
    network = keras.Sequential([keras.Input((10000,))])
    for _ in range(2):
        network.add(layers.Dropout(dropout))
        network.add(layers.Dense(64, activation="relu", kernel_regularizer=penalty))
    network.add(layers.Dense(1, activation="sigmoid"))
    network.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    network.optimizer.iterations.assign(steps)
    return network

networks = {
    "as it was": overfitted,
    "dropout": cure(dropout=0.5),
    "L2": cure(penalty=keras.regularizers.L2(0.01)),
    "early stopping": cure(steps=120),
}
"""

MEASURED = (
    CURES
    + """
losses = {name: cross_entropy(network) for name, network in networks.items()}
"""
)

# For what is seen before the losses are looked at.
NOT_MEASURED = (
    CURES
    + """
losses = dict.fromkeys(["as it was", "dropout", "L2", "early stopping", "smaller"], 0.5)
"""
)

SPLIT = """
def split(groups):
    names = np.random.permutation(np.unique(groups))
    test = np.isin(groups, names[:len(names) // 4])
    return {}
"""

# The network with a penalty is not trained, to save time: its weights are the differences between the classes.
GENES = """
def train(genes, epochs=3):
    keras.utils.set_random_seed(1)
    network = keras.Sequential([
        keras.Input((500,)),
        layers.Dense(8, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ])
    network.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    network.fit(genes[:n_seen], disease[:n_seen], epochs=epochs, batch_size=20, verbose=0)
    return network

scaled = (expression - expression[:n_seen].mean(axis=0)) / expression[:n_seen].std(axis=0)
network = train(scaled)
differences = scaled[:n_seen][disease[:n_seen] == 1].mean(axis=0) - scaled[:n_seen][disease[:n_seen] == 0].mean(axis=0)
table = np.outer(differences, np.linspace(1, 2, 8))
network.layers[0].set_weights([table, np.zeros(8)])
network.layers[1].set_weights([np.ones((8, 1)), np.zeros(1)])
found = int(np.abs(table).sum(axis=1).argmax())
"""

WRONG = {
    "headaches/1": [
        ("A only overfits", RIGHT_1 + 'diagnosis["A"] = "overfitting"', "validation accuracy falls"),
        ("B is too small", RIGHT_1 + 'diagnosis["B"] = "too few units"', "bend and level off"),
        ("C overfits", RIGHT_1 + 'diagnosis["C"] = "overfitting"', "still beats guessing; compare"),
        ("D has wrong labels", RIGHT_1 + 'diagnosis["D"] = "wrong labels"', "learned late"),
        ("E creeps", RIGHT_1 + 'diagnosis["E"] = "learning rate too low"', "creep downwards"),
        ("B is well", RIGHT_1 + 'diagnosis["B"] = "nothing is wrong"', "Something is wrong with `B`"),
        ("D is too small", RIGHT_1 + 'diagnosis["D"] = "too few units"', "`D` is not a case of"),
        ("a name of one's own", RIGHT_1 + 'diagnosis["D"] = "overfitted"', "not one of `names`"),
        ("one is missing", RIGHT_1 + 'del diagnosis["E"]', "has no key 'E'"),
        ("a list", 'diagnosis = ["wrong labels", "overfitting"]', "should be a dictionary"),
    ],
    "headaches/2": [
        ("counts from 0", CURVES + "lowest = {8: 11, 512: 5, 2048: 4}", "epochs count from 1"),
        (
            "lowest training loss",
            CURVES + "lowest = {units: int(np.argmin(each['loss'])) + 1 for units, each in histories.items()}",
            "lowest training loss",
        ),
        ("highest instead", CURVES + "lowest[512] = 12", "is highest"),
        ("no epoch of its own", CURVES + "lowest[512] = 9", "lowest after another epoch"),
        (
            "sizes in words",
            CURVES + "histories = dict(zip(['small', 'chapter', 'large'], histories.values()))",
            "numbers of units",
        ),
        (
            "not grown",
            CURVES + "histories[1024] = histories.pop(2048)\nlowest[1024] = lowest.pop(2048)",
            "grow it to 2,048",
        ),
        ("not shrunk", CURVES + "histories[256] = histories.pop(8)\nlowest[256] = lowest.pop(8)", "shrink it to 16"),
        ("without the chapter's", CURVES + "del histories[512]", "no key 512"),
        (
            "the number of units is not used",
            CURVES
            + """
network = keras.Sequential([keras.Input((784,)), layers.Dense(512), layers.Dense(10, activation="softmax")])
network.compile(loss="sparse_categorical_crossentropy")
few = digits[:50], labels[:50]
histories[8] = network.fit(*few, epochs=12, verbose=0, validation_data=few)
""",
            "belongs to a network with 512 units",
        ),
        ("one run under all keys", CURVES + "histories = {units: histories[512] for units in histories}", "very same"),
        (
            "large for fewer epochs",
            CURVES + "histories[2048] = {key: each[:10] for key, each in histories[2048].items()}",
            "same number",
        ),
        ("networks for histories", CURVES + "histories[512] = keras.Sequential()", "keeps what `fit` returns"),
    ],
    "headaches/3": [
        (
            "counts the penalty in",
            MEASURED + "losses['L2'] = networks['L2'].evaluate(x_val, y_val, verbose=0)[0]",
            "counts the L2 penalty in",
        ),
        (
            "on the training reviews",
            CURES + "losses = {name: cross_entropy(each, x_train, y_train) for name, each in networks.items()}",
            "loss on the training reviews",
        ),
        ("sign", MEASURED + "losses = {name: -loss for name, loss in losses.items()}", "minus the logarithm"),
        (
            "shapes cross",
            MEASURED
            + """
p = np.clip(overfitted.predict(x_val, verbose=0), 1e-7, 1 - 1e-7)
losses["as it was"] = -np.mean(y_val * np.log(p) + (1 - y_val) * np.log(1 - p))
""",
            "every label with every probability",
        ),
        (
            "accuracy for the loss",
            MEASURED + "losses['as it was'] = overfitted.evaluate(x_val, y_val, verbose=0)[1]",
            "is the accuracy",
        ),
        ("another epoch", MEASURED + "losses['dropout'] = losses['dropout'] / 2", "from another epoch"),
        ("too weak", MEASURED, "too little gained. Drop words too"),
        ("two cures", NOT_MEASURED + "del networks['L2']", "asks for three"),
        ("a cure that is not offered", NOT_MEASURED + "networks['more data'] = networks.pop('L2')", "the cures are"),
        ("the original left out", NOT_MEASURED + "del networks['as it was']", 'has no key "as it was"'),
        ("no dropout in it", NOT_MEASURED + "networks['dropout'] = cure()", "no Dropout layer"),
        ("no penalty in it", NOT_MEASURED + "networks['L2'] = cure()", "`kernel_regularizer`: give it"),
        ("never stopped", NOT_MEASURED + "networks['early stopping'] = cure()", "it never stopped"),
        ("not smaller", NOT_MEASURED + "networks['smaller'] = networks.pop('early stopping')", "not fewer than"),
        ("too few epochs", NOT_MEASURED + "networks['dropout'] = cure(0.5, steps=16)", "another cure: train it for as"),
        (
            "dropout and L2",
            NOT_MEASURED + "networks['L2'] = cure(dropout=0.5, penalty=keras.regularizers.L2(0.01))",
            "has dropout as well",
        ),
        ("a rescued one as it was", NOT_MEASURED + "networks['as it was'] = cure(dropout=0.5)", "has a cure already"),
        ("one network for all", NOT_MEASURED + "networks['L2'] = networks['dropout']", "hold the same network"),
        ("not trained", NOT_MEASURED + "networks['L2'] = cure(steps=0)", "has not been trained"),
        ("a history for a network", NOT_MEASURED + "networks['L2'] = keras.callbacks.History()", "what `fit` returned"),
    ],
    "headaches/4": [
        (
            "by row",
            "def split(groups):\n    test = np.random.permutation(len(groups)) < len(groups) / 4\n"
            "    return ~test, test",
            "have rows on both sides",
        ),
        (
            "the last groups",
            "def split(groups):\n    names = np.unique(groups)\n"
            "    test = np.isin(groups, names[-(len(names) // 4):])\n    return ~test, test",
            "first or the last ones",
        ),
        ("swapped", SPLIT.replace("{}", "test, ~test"), "masks swapped"),
        ("half", SPLIT.replace("{}", "~test, test").replace("// 4", "// 2"), "about a quarter"),
        (
            "an empty side",
            "def split(groups):\n    test = np.zeros(len(groups), bool)\n    return ~test, test",
            "marks no row",
        ),
        ("places", SPLIT.replace("{}", "np.flatnonzero(~test), np.flatnonzero(test)"), "holds places or names"),
        ("the same mask twice", SPLIT.replace("{}", "test, test"), "same row on both sides"),
        ("one mask", SPLIT.replace("{}", "test"), "return two masks"),
        ("forgotten return", "def split(groups):\n    test = groups == groups[0]", "does it end with `return`"),
        (
            "numbers only",
            "def split(groups):\n    test = groups % 4 == np.random.randint(4)\n    return ~test, test",
            "stopped with",
        ),
        ("called", SPLIT.replace("{}", "~test, test") + "\nsplit = split(groups)", "the function itself"),
        (
            "the groups of the exercise",
            "def split(some):\n    test = np.isin(groups, np.random.permutation(300)[:75])\n    return ~test, test",
            "should be a Boolean array of shape",
        ),
    ],
    "headaches/5": [
        ("unscaled", GENES + "network = train(expression)\nsuspect = (found + 20) % 500", "unit of measurement"),
        ("counts from 1", GENES + "suspect = found + 1", "one too large"),
        ("argmax of the whole table", GENES + "suspect = np.abs(table).argmax()", "whole table"),
        ("the unit", GENES + "suspect = np.abs(table).sum(axis=0).argmax()", "is a unit"),
        ("the smallest weights", GENES + "suspect = np.abs(table).sum(axis=1).argmin()", "smallest weights"),
        ("another gene", GENES + "suspect = np.abs(table).sum(axis=1).argsort()[-9]", "Signed ones cancel"),
        (
            "no penalty",
            GENES + "network = train(scaled)\ntable = network.layers[0].get_weights()[0]\ntable[found] = 0\n"
            "network.layers[0].set_weights([table, np.zeros(8)])\nsuspect = np.abs(table).sum(axis=1).argmax()",
            "add an L1 penalty",
        ),
        ("not by its weights", GENES + "network = train(expression, 1)\nsuspect = found", "its weights come only"),
        ("untrained", GENES + "network = keras.models.clone_model(network)\nsuspect = found", "has not been"),
        ("a name", GENES + "suspect = f'gene {found}'", "should be a number"),
    ],
}
