"""Wrong answers to the exercises of essentials: for each, its name, the learner's code, and words of its hint."""

# Right answers, of which each wrong one spoils a part.
_READ = """
best_epochs = history["val_loss"].argmin(axis=1) + 1
mean = {key: values.mean(axis=0) for key, values in history.items()}
best_epoch = mean["val_loss"].argmin() + 1
gap = mean["accuracy"][-1] - mean["val_accuracy"][-1]
"""
# Invented histories, to save the time of training.
_VARY = """
def invented(first, best):
    epochs = np.arange(1, 16)
    return {"loss": list(first * 0.8 ** (epochs - 1)), "val_loss": list(0.4 + 0.01 * abs(epochs - best))}

histories = {16: invented(0.6, 4), 128: invented(0.95, 9), 1024: invented(1.9, 11)}
steps = {16: 188, 128: 24, 1024: 3}
ahead, best_epoch = 16, 4
"""
_BUILD = """
keras.utils.set_random_seed(1)
model = new_network()
model.fit(x_train[:1000], y_train[:1000], epochs=2, verbose=0)
test_accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
"""
_OTHER = """
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((784,)), {layers}])
model.compile(optimizer="adam", loss={loss!r}, metrics=["accuracy"])
model.fit(x_train[:1000], {labels}, epochs=2, verbose=0)
test_accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
"""
_NUMPY = """
def predict(images, weights):
    values = images
    for w, b in zip(weights[:-2:2], weights[1:-2:2]):
        values = np.maximum(values @ w + b, 0)
    scores = values @ weights[-2] + weights[-1]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)

def learn(images, labels, steps, rate):
    w, b = np.zeros((images.shape[1], labels.shape[1])), np.zeros(labels.shape[1])
    for _ in range(steps):
        error = predict(images, [w, b]) - labels
        w = w - rate * images.T @ error / len(images)
        b = b - rate * error.mean(axis=0)
    return [w, b]
"""


def _other(layers: str, loss: str = "categorical_crossentropy", labels: str = "y_train[:1000]") -> str:
    return _OTHER.format(layers=layers, loss=loss, labels=labels)


def _numpy(right: str, wrong: str) -> str:
    assert _NUMPY.count(right) == 1, right
    return _NUMPY.replace(right, wrong)


_TWO = 'layers.Dense(64, activation="relu"), '

WRONG = {
    "essentials/1": [
        ("counts each run from 0", _READ + "best_epochs = best_epochs - 1", "all one too small"),
        ("the other axis", _READ + 'best_epochs = history["val_loss"].argmin(axis=0) + 1', "compares the runs"),
        ("one number for all runs", _READ + "best_epochs = best_epoch", "one number for each of the"),
        (
            "accuracy",
            _READ + 'best_epochs = history["val_accuracy"].argmax(axis=1) + 1',
            "where `val_accuracy` is highest",
        ),
        ("training loss", _READ + 'best_epochs = history["loss"].argmin(axis=1) + 1', "training loss is lowest"),
        ("counts from 0", _READ + "best_epoch = best_epoch - 1", "`best_epoch` is one too small"),
        ("the mean of the minima", _READ + "best_epoch = best_epochs.mean()", "Average the curves first"),
        ("the last epoch", _READ + "best_epoch = 40", "not where the mean of `val_loss`"),
        ("the wrong sign", _READ + "gap = -gap", "wrong sign"),
        ("a percentage", _READ + "gap = gap * 100", "not a percentage"),
        (
            "the gap at the best epoch",
            _READ + 'gap = (mean["accuracy"] - mean["val_accuracy"])[best_epoch - 1]',
            "that after the best epoch",
        ),
        ("the gap in loss", _READ + 'gap = mean["val_loss"][-1] - mean["loss"][-1]', "not the difference of the mean"),
        ("nothing yet", "best_epochs = best_epoch = gap = None", "it is None"),
    ],
    "essentials/2": [
        ("one history", _VARY + "histories = histories[16]", "history of one training"),
        ("a size is missing", _VARY + "del histories[1024]", "no key 1024"),
        ("sizes as text", _VARY + "histories = {str(size): each for size, each in histories.items()}", "no key 16"),
        (
            "five epochs",
            _VARY + "histories = {s: {k: v[:5] for k, v in h.items()} for s, h in histories.items()}",
            "at least 15",
        ),
        ("no validation data", _VARY + 'del histories[128]["val_loss"]', "has no `val_loss`"),
        ("the same size three times", _VARY + "histories[128] = histories[1024] = histories[16]", "the same numbers"),
        ("keys swapped", _VARY + "histories[16], histories[1024] = histories[1024], histories[16]", "mixed up"),
        (
            "one network for all",
            _VARY + "histories = {1024: invented(1.9, 11), 128: invented(0.5, 9), 16: invented(0.1, 4)}",
            "trained before",
        ),
        ("rounds down", _VARY + "steps = {size: 3000 // size for size in histories}", "Round up"),
        ("does not round", _VARY + "steps = {size: 3000 / size for size in histories}", "whole numbers"),
        ("steps of all epochs", _VARY + "steps = {size: 15 * n for size, n in steps.items()}", "steps of all epochs"),
        ("steps are sizes", _VARY + "steps = {size: size for size in histories}", "How many batches of 16"),
        ("the loss, not the size", _VARY + 'ahead = histories[16]["loss"][0]', "is a loss"),
        ("the highest", _VARY + "ahead = 1024", "the highest training loss"),
        ("between", _VARY + "ahead = 128", "does not have the lowest"),
        ("counts from 0", _VARY + "best_epoch = 3", "one too small"),
        ("training loss", _VARY + "best_epoch = 15", "where the training loss is lowest"),
        ("the largest batch", _VARY + "best_epoch = 11", "that of batches of 1,024"),
    ],
    "essentials/3": [
        (
            "training data",
            _BUILD + "test_accuracy = model.evaluate(x_train, y_train, verbose=0)[1]",
            "on the training images",
        ),
        (
            "validation data",
            _BUILD + "test_accuracy = model.evaluate(x_val, y_val, verbose=0)[1]",
            "on the validation images",
        ),
        (
            "unscaled inputs",
            """
keras.utils.set_random_seed(1)
pixels = train_images.reshape(-1, 784).astype("float32")
model = new_network()
model.fit(pixels[:1000], keras.utils.to_categorical(train_labels[:1000], 10), epochs=3, verbose=0)
test_accuracy = model.evaluate(test_images.reshape(-1, 784), y_test, verbose=0)[1]
""",
            "pixels from 0 to 255",
        ),
        ("no softmax", _other(_TWO + "layers.Dense(10)"), "gives scores"),
        (
            "sigmoid",
            _other(_TWO + 'layers.Dense(10, activation="sigmoid")', "binary_crossentropy"),
            "probability of its own",
        ),
        ("relu at the end", _other(_TWO + 'layers.Dense(10, activation="relu")'), "all ten outputs can be 0"),
        (
            "one output",
            _other(_TWO + "layers.Dense(1)", "mean_squared_error", "train_labels[order[n_val:]][:1000]").replace(
                "y_test", "test_labels"
            ),
            "10 numbers for each input",
        ),
        (
            "a row too short",
            _BUILD.replace(
                "new_network()",
                """keras.Sequential([
    keras.Input((28,)), layers.Dense(10, activation="softmax")])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])""",
            )
            .replace("x_train[:1000]", "x_train[:1000, :28]")
            .replace("x_test,", "x_test[:, :28],"),
            "a row of 784 numbers",
        ),
        (
            "labels in another order",
            _other('layers.Dense(10, activation="softmax")', labels="y_train[1000:2000]"),
            "close to guessing",
        ),
        ("no relu", _other('layers.Dense(64), layers.Dense(10, activation="softmax")'), "without `relu`"),
        (
            "softmax inside",
            _other('layers.Dense(64, activation="softmax"), layers.Dense(10, activation="softmax")').replace(
                "epochs=2", "epochs=15"
            ),
            "lets one unit silence the others",
        ),
        (
            "squared error",
            _other(_TWO + 'layers.Dense(10, activation="softmax")', "mean_squared_error"),
            "cross-entropy usually learns",
        ),
        ("trained too little", _BUILD, "Then train longer"),
        ("loss and accuracy", _BUILD + "test_accuracy = model.evaluate(x_test, y_test, verbose=0)", "Take `[1]`"),
        ("the loss", _BUILD + "test_accuracy = model.evaluate(x_test, y_test, verbose=0)[0]", "is the loss"),
        ("a percentage", _BUILD + "test_accuracy *= 100", "neither a percentage"),
        ("the error", _BUILD + "test_accuracy = 1 - test_accuracy", "share of wrong answers"),
        (
            "of another network",
            _BUILD + "model.fit(x_train[:1000], y_train[:1000], epochs=2, verbose=0)",
            "trained since",
        ),
        ("untrained", "model, test_accuracy = new_network(), 0.99", "has not been trained"),
        ("the history", _BUILD + "model = model.fit(x_train[:99], y_train[:99], verbose=0)", "what `fit` returned"),
    ],
    "essentials/4": [
        ("rises", 'one_way, own_way = "a", "d"', "brings no new information"),
        ("neighbours are used", 'one_way, own_way = "c", "d"', "which pixels are neighbours"),
        ("noise to the network too", 'one_way, own_way = "d", "d"', "to you the images are noise"),
        ("own ways: rises", 'one_way, own_way = "b", "a"', "lost for good"),
        ("own ways: the same", 'one_way, own_way = "b", "b"', "What does a weight meet"),
        ("own ways: mostly right", 'one_way, own_way = "b", "c"', "tells a 3 from a 5"),
        ("words", 'one_way, own_way = "it stays the same", "d"', "should be one of 'a', 'b', 'c', 'd'"),
        ("the accuracies", "one_way, own_way = 0.93, 0.14", "should be one of"),
    ],
    "essentials/5": [
        (
            "classes",
            _NUMPY + "soft = predict\ndef predict(x, w):\n    return soft(x, w).argmax(axis=1)",
            "leave `argmax`",
        ),
        ("transposed", _NUMPY + "soft = predict\ndef predict(x, w):\n    return soft(x, w).T", "one row an image"),
        ("no relu", _numpy("np.maximum(values @ w + b, 0)", "values @ w + b"), "leaves out relu"),
        (
            "relu at the end",
            _numpy(
                "scores = values @ weights[-2] + weights[-1]",
                "scores = np.maximum(values @ weights[-2] + weights[-1], 0)",
            ),
            "after the last layer too",
        ),
        ("scores", _numpy("return powers / powers.sum(axis=1, keepdims=True)", "return scores"), "returns scores"),
        ("no biases", _numpy("values @ w + b", "values @ w").replace(" + weights[-1]", ""), "leaves out the biases"),
        (
            "one sum for all",
            _numpy("powers.sum(axis=1, keepdims=True)", "powers.sum()").replace(
                "scores.max(axis=1, keepdims=True)", "scores.max()"
            ),
            "sum over all images",
        ),
        ("the wrong axis", _NUMPY.replace("axis=1, keepdims", "axis=0, keepdims"), "down the columns"),
        ("overflow", _numpy(" - scores.max(axis=1, keepdims=True)", ""), "overflows"),
        (
            "two layers only",
            _NUMPY
            + """
def predict(images, weights):
    w1, b1, w2, b2 = weights
    scores = np.maximum(images @ w1 + b1, 0) @ w2 + b2
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
""",
            "With the weights of a network of one layer",
        ),
        ("calls it", _NUMPY + "predict = predict(held_out[0], keras_network.get_weights())", "the function itself"),
        ("no return", _NUMPY + "def learn(images, labels, steps, rate):\n    w = 0", "does it end with `return`"),
        ("uphill", _numpy("w = w - rate", "w = w + rate").replace("b = b - rate", "b = b + rate"), "walks uphill"),
        ("a sum", _numpy(" / len(images)", "").replace("error.mean", "error.sum"), "grows with the number of images"),
        ("no rate", _numpy("w = w - rate * images", "w = w - images"), "does not multiply the slopes by `rate`"),
        ("mean over all entries", _numpy("/ len(images)", "/ error.size"), "times as long as it should be"),
        ("zeros forever", _numpy("        w = w - rate * images.T @ error / len(images)\n", ""), "still zero"),
        (
            "random start",
            _numpy(
                "np.zeros((images.shape[1], labels.shape[1]))",
                "np.random.normal(size=(images.shape[1], labels.shape[1]))",
            ),
            "start with zeros",
        ),
        ("biases do not learn", _numpy("        b = b - rate * error.mean(axis=0)\n", ""), "leaves the biases at zero"),
        ("biases summed", _numpy("error.mean(axis=0)", "error.sum(axis=0)"), "`b` is not what the formula gives"),
        (
            "always the first error",
            _NUMPY
            + """
def learn(images, labels, steps, rate):
    w, b = np.zeros((images.shape[1], labels.shape[1])), np.zeros(labels.shape[1])
    error = predict(images, [w, b]) - labels
    for _ in range(steps):
        w = w - rate * images.T @ error / len(images)
        b = b - rate * error.mean(axis=0)
    return [w, b]
""",
            "repeats its first step",
        ),
        ("returns in the loop", _NUMPY.replace("    return [w, b]", "        return [w, b]"), "made another number"),
        ("the biases first", _numpy("return [w, b]", "return [b, w]"), "returns the biases first"),
        ("the weights only", _numpy("return [w, b]", "return w"), "should return the list `[w, b]`"),
    ],
}
