"""Wrong answers to the exercises of text-classification: for each, its name, its code, and words of its hint."""

# Small networks for few reviews, so that each answer takes a second or two.
TINY = """
def net(depth=2, units=16, activation="relu", last="sigmoid", loss="binary_crossentropy", width=10000):
    keras.utils.set_random_seed(1)
    made = keras.Sequential([
        keras.Input((width,)),
        *[layers.Dense(units, activation=activation) for _ in range(depth)],
        layers.Dense(1, activation=last),
    ])
    made.compile(optimizer="rmsprop", loss=loss, metrics=["accuracy"])
    return made

def fit(made, epochs=4, rows=128, **how):
    how = how or {"validation_data": (x_val_small[:100], y_val_small[:100])}
    return made.fit(x_small[:rows], y_small[:rows], epochs=epochs, batch_size=32, verbose=0, **how)

def curves(loss, accuracy, val_loss, val_accuracy):
    return {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy}
"""

LONG = (
    TINY
    + """
falling, rising = np.linspace(0.5, 0.01, 20), np.linspace(0.75, 0.99, 20)
turning = 0.3 + (np.arange(1, 21) - 5) ** 2 / 1000
history = curves(falling, rising, turning, 1.15 - turning)
best_epoch = 5
letter = "b"
"""
)

DEPTHS = (
    TINY
    + """
depth_histories = {
    1: curves([0.55, 0.35, 0.25, 0.2], [0.7, 0.88, 0.92, 0.94], [0.5, 0.4, 0.35, 0.34], [0.81, 0.84, 0.86, 0.868]),
    2: curves([0.54, 0.32, 0.2, 0.13], [0.7, 0.89, 0.94, 0.96], [0.5, 0.4, 0.34, 0.33], [0.8, 0.84, 0.87, 0.871]),
    3: curves([0.53, 0.29, 0.15, 0.09], [0.7, 0.9, 0.95, 0.98], [0.5, 0.4, 0.35, 0.38], [0.81, 0.83, 0.86, 0.862]),
}
chosen = 2
model = net(2)
fit(model, epochs=6, rows=600)
test_accuracy = model.evaluate(x_test, y_test, batch_size=512, verbose=0)[1]
"""
)

WIDTHS = (
    TINY
    + """
width_histories = {
    units: curves([0.6 - units / 1000, 0.3, 0.2, 0.1, 0.05, 0.02], [0.7, 0.88, 0.92, 0.95, 0.98, 0.99],
                  [0.5, 0.4, 0.33, 0.35, 0.4, 0.45], [0.8, 0.84, 0.87, 0.866, 0.862, 0.86])
    for units in (8, 16, 32, 64)
}
parameters = {units: 10001 * units + units * (units + 1) + units + 1 for units in width_histories}
best_epochs = {units: 3 for units in width_histories}
"""
)

SLOPES = (
    TINY
    + """
mse_history = curves([0.2, 0.1, 0.06, 0.04], [0.7, 0.88, 0.92, 0.95], [0.16, 0.12, 0.1, 0.1], [0.8, 0.84, 0.87, 0.86])

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def gradient_cross_entropy(z, y):
    return sigmoid(z) - y

def gradient_mse(z, y):
    p = sigmoid(z)
    return 2 * (p - y) * p * (1 - p)
"""
)

SEEDS = (
    TINY
    + """
def build(activation):
    return net(activation=activation)

def run(last, best):
    return curves([0.55, 0.32, 0.2, last], [0.7, 0.88, 0.92, 0.95], [0.5, 0.4, 0.33, 0.35], [0.8, 0.84, best, 0.86])

activation_histories = {
    "relu": [run(0.13, 0.871), run(0.14, 0.865), run(0.12, 0.868), run(0.15, 0.869)],
    "tanh": [run(0.07, 0.866), run(0.08, 0.861), run(0.06, 0.868), run(0.09, 0.867)],
}
loss_apart, accuracy_apart = True, False
"""
)

WORD = (
    TINY
    + """
model = net()
fit(model, epochs=3, rows=1000)
word = "excellent"
columns = {name: number for number, name in words.items()}

def positive(rows, column=None):
    rows = rows.copy()
    if column is not None:
        rows[:, column] = 1
    return model.predict(rows, batch_size=512, verbose=0)[:, 0] > 0.5

before, after = positive(measure_in), positive(measure_in, columns[word])
share = np.mean(after[~before])
"""
)

WRONG = {
    "text-classification/1": [
        (
            "counts from 0",
            LONG + 'best_epoch = np.argmin(history["val_loss"])',
            "epochs count from 1",
        ),
        (
            "training loss",
            LONG + 'best_epoch = np.argmin(history["loss"]) + 1',
            "where the training loss is lowest",
        ),
        ("too few epochs", LONG + "history = fit(net(), epochs=2)", "asks for at least 20"),
        (
            "no validation data",
            LONG + "history = fit(net(), epochs=1, shuffle=True)",
            "give `fit` the held-out data",
        ),
        (
            "validation on the training data",
            LONG + "history = fit(net(), epochs=20, validation_data=(x_small[:128], y_small[:128]))",
            "the validation reviews do better",
        ),
        (
            "softmax on one unit",
            LONG + 'history = fit(net(last="softmax"), epochs=20)',
            "Softmax on a single unit always gives 1",
        ),
        (
            "categorical loss",
            LONG + 'history = fit(net(loss="categorical_crossentropy"), epochs=20)',
            "categorical losses need one unit for each class",
        ),
        ("squared error", LONG + 'history = fit(net(loss="mse"), epochs=20)', "those of the squared error"),
        (
            "percentages",
            LONG
            + """
history["accuracy"], history["val_accuracy"] = 100 * history["accuracy"], 100 * history["val_accuracy"]
""",
            "look like percentages",
        ),
        (
            "trained further",
            LONG
            + """
network = net()
fit(network, epochs=20)
history = fit(network, epochs=20)
""",
            "where a former training ended",
        ),
        ("letter a", LONG + 'letter = "a"', "stopped rising long before"),
        ("letter c", LONG + 'letter = "c"', "Only one of the two losses rises"),
        ("letter d", LONG + 'letter = "D"', "Growing surer does not change the side"),
    ],
    "text-classification/2": [
        ("place in a list", DEPTHS + "chosen = int(np.argmax([0.868, 0.871, 0.862]))", "a place in a list"),
        ("chosen by training accuracy", DEPTHS + "chosen = 3", "on the training reviews, which every deeper network"),
        ("another depth in hand", DEPTHS + "model = net(3)\nfit(model)", "hidden layers, and you chose 2"),
        ("validation accuracy", DEPTHS + "test_accuracy = 0.871", "is the validation accuracy of the last epoch"),
        (
            "tested on the training reviews",
            DEPTHS + "_, test_accuracy = model.evaluate(x_small[:128], y_small[:128], verbose=0)",
            "reviews that it was trained on",
        ),
        ("errors for accuracy", DEPTHS + "test_accuracy = 1 - test_accuracy", "`evaluate` returns the loss first"),
        ("percentage", DEPTHS + "test_accuracy = 100 * test_accuracy", "not a percentage"),
        (
            "squared error",
            DEPTHS + 'model = net(2, loss="mse")\nfit(model)',
            "compiled with the loss 'mean_squared_error'",
        ),
        ("softmax", DEPTHS + 'model = net(2, last="softmax")\nfit(model)', "ends in a softmax"),
        (
            "padded lists of 256 numbers",
            DEPTHS
            + """
padded = keras.utils.pad_sequences(train_data[:100], maxlen=256)
model = net(2, width=256)
model.fit(padded, train_labels[:100], verbose=0)
""",
            "takes inputs of shape (256,)",
        ),
        ("untrained", DEPTHS + "model = net(2)", "has not been trained"),
        (
            "one network trained on",
            DEPTHS + "network = net(2)\ndepth_histories = {depth: fit(network, epochs=6) for depth in (1, 2, 3)}",
            "build a new network before `fit`",
        ),
        (
            "depth without effect",
            DEPTHS + "depth_histories = {depth: fit(net()) for depth in (1, 2, 3)}",
            "the same to the last digit",
        ),
    ],
    "text-classification/3": [
        (
            "no biases",
            WIDTHS + "parameters = {units: 10000 * units + units * units + units for units in width_histories}",
            "counts the weights only",
        ),
        (
            "one hidden layer",
            WIDTHS + "parameters = {units: net(1, units).count_params() for units in width_histories}",
            "a network with one hidden layer",
        ),
        (
            "first layer only",
            WIDTHS + "parameters = {units: 10001 * units for units in width_histories}",
            "add up the two hidden layers",
        ),
        ("counts from 0", WIDTHS + "best_epochs = {units: 2 for units in width_histories}", "epochs count from 1"),
        (
            "lowest training loss",
            WIDTHS + "best_epochs = {units: 6 for units in width_histories}",
            "is not where `val_loss` of",
        ),
        ("nothing narrow", WIDTHS + "del width_histories[8]", "fewer than 16 units"),
        (
            "different epochs",
            WIDTHS + "width_histories[64] = {metric: values[:5] for metric, values in width_histories[64].items()}",
            "different numbers of epochs",
        ),
    ],
    "text-classification/4": [
        ("cross-entropy", SLOPES + "mse_history = fit(net())", 'compile with `loss="mse"`'),
        (
            "slope of the squared error for p",
            SLOPES + "def gradient_mse(z, y):\n    return 2 * (sigmoid(z) - y)",
            "still to be multiplied by `p * (1 - p)`",
        ),
        (
            "slope of the cross-entropy for p",
            SLOPES + "def gradient_cross_entropy(z, y):\n    p = sigmoid(z)\n    return (p - y) / (p * (1 - p))",
            "is the slope with respect to `p`; times",
        ),
        (
            "no factor of 2",
            SLOPES + "def gradient_mse(z, y):\n    p = sigmoid(z)\n    return (p - y) * p * (1 - p)",
            "the square brings a factor of 2",
        ),
        (
            "wrong sign",
            SLOPES + "def gradient_cross_entropy(z, y):\n    return y - sigmoid(z)",
            "has the wrong sign",
        ),
        (
            "average",
            SLOPES + "def gradient_cross_entropy(z, y):\n    return np.mean(sigmoid(z) - y)",
            "returned one number for",
        ),
        (
            "no sigmoid",
            SLOPES + "def gradient_cross_entropy(z, y):\n    return z - y",
            "takes the score for the probability",
        ),
        (
            "the loss itself",
            SLOPES + "def gradient_mse(z, y):\n    return (sigmoid(z) - y) ** 2",
            "gives the loss itself",
        ),
        (
            "swapped",
            SLOPES + "gradient_cross_entropy, gradient_mse = gradient_mse, gradient_cross_entropy",
            "are the two functions swapped?",
        ),
    ],
    "text-classification/5": [
        (
            "tanh in the last layer",
            SEEDS + "def build(activation):\n    return net(activation=activation, last=activation)",
            "the activation of its last layer should be a sigmoid",
        ),
        (
            "argument not used",
            SEEDS + "def build(activation):\n    return net()",
            "pass the argument of `build` on",
        ),
        (
            "the same network again",
            SEEDS + 'kept = {each: net(activation=each) for each in ("relu", "tanh")}\nbuild = kept.get',
            "returns the same network each time",
        ),
        (
            "returns a history",
            SEEDS + "def build(activation):\n    return fit(net(activation=activation))",
            "`build` returns a history",
        ),
        (
            "one run of each",
            SEEDS + 'activation_histories = {"relu": run(0.1, 0.87), "tanh": run(0.1, 0.87)}',
            "one a seed",
        ),
        (
            "two seeds",
            SEEDS + "activation_histories = {name: runs[:2] for name, runs in activation_histories.items()}",
            "at least four seeds",
        ),
        (
            "one seed four times",
            SEEDS + "activation_histories = {name: runs[:1] * 4 for name, runs in activation_histories.items()}",
            "give each its own seed",
        ),
        ("difference of means", SEEDS + "accuracy_apart = True", "A difference of means is not enough"),
        ("apart after all", SEEDS + "loss_apart = False", "do not overlap"),
        ("text for a truth value", SEEDS + 'loss_apart = "yes"', "should be True or False"),
    ],
    "text-classification/6": [
        ("positives included", WORD + "share = np.mean(after)", "called positive without the word too"),
        ("stays negative", WORD + "share = np.mean(~after[~before])", "is the share that stays negative"),
        ("divided by all", WORD + "share = np.sum(after & ~before) / len(before)", "divided by all reviews"),
        (
            "rank for number",
            WORD + "after = positive(measure_in, columns[word] - 3)\nshare = np.mean(after[~before])",
            "is its rank plus 3",
        ),
        ("number for word", WORD + "word = columns[word]", "the word itself, as text"),
        ("rare word", WORD + 'word = "unforgettable"', "not one of the 2,000 most frequent"),
        (
            "a word that does little",
            WORD + 'word = "the"\nafter = positive(measure_in, columns[word])\nshare = np.mean(after[~before])',
            "another candidate flips",
        ),
        ("percentage", WORD + "share = 100 * share", "not a percentage"),
        (
            "few training steps",
            WORD
            + "model = net()\nmodel.fit(x_small[:32], y_small[:32], verbose=0)\n"
            + "before, after = positive(measure_in), positive(measure_in, columns[word])\n"
            + "share = np.mean(after[~before]) if not before.all() else 0.0",
            "of the test reviews right: train it",
        ),
    ],
}
