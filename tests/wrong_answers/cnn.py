"""Wrong answers to the exercises of cnn: for each, its name, the learner's code, and words of the hint it must get."""

# A figure as exercise 1 asks for, for the answers in which something else is wrong.
FIGURE = """
figure, axes = plt.subplots()
epochs = range(1, 6)
for name, runs in [("convolutional", convolutional), ("dense", dense)]:
    for metric in ["accuracy", "val_accuracy"]:
        values = runs[metric]
        axes.plot(epochs, values.mean(axis=0), label=name + metric)
        axes.fill_between(epochs, values.min(axis=0), values.max(axis=0), alpha=0.2)
axes.legend()
c, d = convolutional["val_accuracy"].mean(axis=0), dense["val_accuracy"].mean(axis=0)
catch_up = int(np.argmax(d >= c[0])) + 1
ratio = (1 - d[-1]) / (1 - c[-1])
"""

# The right dictionaries of exercise 2, to be spoiled.
BY_HAND = """
shapes = {"conv1": (64, 64, 16), "pool1": (32, 32, 16), "conv2": (15, 15, 32), "conv3": (11, 11, 24),
          "pool2": (5, 5, 24), "flatten": (600,), "output": (4,)}
parameters = {"conv1": 1216, "pool1": 0, "conv2": 4640, "conv3": 19224, "pool2": 0, "flatten": 0, "output": 2404}
"""

# The right numbers of exercise 3, and its network.
STRIDED = """
parameters, multiplications = 16330, 201744
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(16, 3, strides=2, activation="relu"),
    layers.Conv2D(32, 3, strides=2, activation="relu"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
history = conv_history
"""

# The right answers of exercise 4.
SHUFFLED = """
choice = "b"
rng = np.random.default_rng(0)
fixed = rng.permutation(784)
def shuffle(images):
    return images.reshape(-1, 784)[:, fixed].reshape(images.shape)
lost = {"dense": 0.002, "convolutional": 0.08}
"""

# A network that is small enough for exercise 5.
SMALL = """
def small(activation="softmax", shape=(28, 28, 1)):
    return keras.Sequential([
        keras.Input(shape),
        layers.Conv2D(8, 5, strides=2, activation="relu"),
        layers.Conv2D(8, 5, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation=activation),
    ])
scores = {"dense": dense_model.evaluate(x_test, y_test, verbose=0)[1], "small": 0.5}
"""

# The accuracies that exercise 6 asks for, of any network.
MEASURED = """
def measured(network, images, labels, steps=((0, 1), (0, -1), (1, 0), (-1, 0))):
    found = []
    for shift in range(4):
        pictures = np.concatenate([moved(images, shift * down, shift * right) for down, right in steps])
        found.append(network.evaluate(pictures, np.tile(labels, (len(steps), 1)), batch_size=500, verbose=0)[1])
    return found
model = conv_model
"""

WRONG = {
    "cnn/1": [
        (
            "averages over the epochs",
            FIGURE.replace("values.mean(axis=0)", "values.mean(axis=1)"),
            "average with `axis=0`",
        ),
        ("plots against 0, 1, 2", FIGURE.replace("range(1, 6)", "range(5)"), "counted from 1"),
        ("no epochs at all", FIGURE.replace("axes.plot(epochs, ", "axes.plot("), "counted from 1"),
        ("no spread", FIGURE.replace("axes.fill_between", "# axes.fill_between"), "how far the runs spread"),
        ("no labels", FIGURE.replace("label=name + metric", "linewidth=2"), "The lines have no names"),
        ("no legend", FIGURE.replace("axes.legend()", ""), "call `axes.legend()`"),
        ("only one run", FIGURE.replace("values.mean(axis=0)", "values[0]"), "single runs"),
        ("only validation", FIGURE.replace('["accuracy", "val_accuracy"]', '["val_accuracy"]'), "training accuracy."),
        ("the sum", FIGURE.replace("values.mean(axis=0)", "values.sum(axis=0)"), "the sum of the runs"),
        ("mistakes", FIGURE.replace("values.mean(axis=0)", "1 - values.mean(axis=0)"), "the share of mistakes"),
        ("the losses", FIGURE.replace("values = runs[metric]", 'values = runs["loss"]'), "No line of `axes`"),
        ("hands in the figure", FIGURE + "axes = figure", "is the whole figure"),
        ("counts epochs from 0", FIGURE + "catch_up -= 1", "one too small"),
        ("another epoch", FIGURE + "catch_up = 5", "is not the first epoch"),
        ("ratio upside down", FIGURE + "ratio = 1 / ratio", "upside down"),
        ("ratio of accuracies", FIGURE + "ratio = c[-1] / d[-1]", "divides accuracies"),
        (
            "ratio on training images",
            FIGURE
            + 'ratio = (1 - dense["accuracy"].mean(axis=0)[-1]) / (1 - convolutional["accuracy"].mean(axis=0)[-1])',
            "mistakes on training images",
        ),
        ("ratio of the first epoch", FIGURE + "ratio = (1 - d[0]) / (1 - c[0])", "that of the first epoch"),
    ],
    "cnn/2": [
        ("padding forgotten", BY_HAND + 'shapes["conv1"] = (60, 60, 16)', "forgets the padding"),
        ("padding where there is none", BY_HAND + 'shapes["conv2"] = (16, 16, 32)', "as with padding or rounded up"),
        ("stride forgotten", BY_HAND + 'shapes["conv2"] = (30, 30, 32)', "forgets the stride"),
        ("one place too few", BY_HAND + 'shapes["conv3"] = (10, 10, 24)', "one too small"),
        ("pooling rounded up", BY_HAND + 'shapes["pool2"] = (6, 6, 24)', "rounds up"),
        ("channel axis forgotten", BY_HAND + 'shapes["conv1"] = (64, 64)', "has no channels"),
        ("channels first", BY_HAND + 'shapes["conv1"] = (16, 64, 64)', "channels first"),
        ("channels multiplied", BY_HAND + 'shapes["conv1"] = (64, 64, 48)', "for each filter and input channel"),
        ("channels of the image kept", BY_HAND + 'shapes["conv1"] = (64, 64, 3)', "Each filter makes one map"),
        ("channels flattened away", BY_HAND + 'shapes["flatten"] = 25', "forgets the channels"),
        ("bias forgotten", BY_HAND + 'parameters["conv1"] = 1200', "forgets the biases"),
        ("channels forgotten", BY_HAND + 'parameters["conv1"] = 416', "reaches through all 3 channels"),
        ("channels of the image again", BY_HAND + 'parameters["conv2"] = 896', "the channels of the image"),
        ("one filter", BY_HAND + 'parameters["conv1"] = 76', "that of one filter"),
        ("a bias for each channel", BY_HAND + 'parameters["conv2"] = 5120', "only one"),
        ("5 weights for 5 by 5", BY_HAND + 'parameters["conv1"] = 256', "5 weights for a filter"),
        ("weights not shared", BY_HAND + 'parameters["conv1"] = 1216 * 64 * 64', "shared by all places"),
        ("pooling learns", BY_HAND + 'parameters["pool1"] = 64', "nothing to learn"),
        ("output reads channels", BY_HAND + 'parameters["output"] = 100', "counts channels"),
        ("a layer left out", BY_HAND + 'del parameters["pool1"]', "has no key 'pool1'"),
    ],
    "cnn/3": [
        ("as with pooling", STRIDED + "parameters = 12810", "the network with pooling"),
        ("as with padding", STRIDED + "parameters = 20490", "7 by 7"),
        ("biases forgotten", STRIDED + "parameters = 16272", "forgets the biases"),
        ("output forgotten", STRIDED + "parameters = 4800", "forgets the output layer"),
        ("products as with pooling", STRIDED + "multiplications = 662912", "13 by 13 and then 6 by 6"),
        ("products of the convolutions", STRIDED + "multiplications = 190224", "forgets the output layer"),
        ("each weight once", STRIDED + "multiplications = 16272", "used in all its places"),
        ("biases multiplied", STRIDED + "multiplications = 205610", "added and not multiplied"),
        ("pooling still there", STRIDED + "model = conv_model", "still has a pooling layer"),
        (
            "one stride only",
            STRIDED.replace("layers.Conv2D(32, 3, strides=2,", "layers.Conv2D(32, 3,")
            + "learn(model, x_train[:64], y_train[:64], 1)",
            "give both convolutions `strides=2`",
        ),
        (
            "padding",
            STRIDED.replace("strides=2,", 'strides=2, padding="same",') + "learn(model, x_train[:64], y_train[:64], 1)",
            'leave out `padding="same"`',
        ),
        ("the dense network", STRIDED + "model = dense_model", "should have two `Conv2D` layers"),
        (
            "never trained",
            STRIDED + 'model.compile(loss="categorical_crossentropy")',
            "has not been trained",
        ),
        ("one step", STRIDED + "learn(model, x_train[:64], y_train[:64], 1)", "labels only"),
        (
            "hands in the network twice",
            STRIDED + "learn(model, x_train[:64], y_train[:64], 1)\nhistory = model",
            "is the network",
        ),
        (
            "no validation digits",
            STRIDED + "history = learn(model, x_train[:64], y_train[:64])",
            "give `fit` the held-out data",
        ),
    ],
    "cnn/4": [
        ("chose the dense one", SHUFFLED + 'choice = "a"', "starts from random weights"),
        ("chose both", SHUFFLED + 'choice = "c"', "it can be undone"),
        ("chose neither", SHUFFLED + 'choice = "d"', "cannot reach two"),
        (
            "a new order at each call",
            SHUFFLED.replace("[:, fixed]", "[:, rng.permutation(784)]"),
            "a new order at each call",
        ),
        (
            "an order for each image",
            SHUFFLED.replace(
                "images.reshape(-1, 784)[:, fixed].reshape(images.shape)",
                "rng.permuted(images.reshape(-1, 784), axis=1).reshape(images.shape)",
            ),
            "gives each image another order",
        ),
        (
            "shuffles the images",
            SHUFFLED.replace(
                "images.reshape(-1, 784)[:, fixed].reshape(images.shape)", "images[np.arange(len(images))[::-1]]"
            ),
            "changes the order of the images",
        ),
        (
            "shuffles in place",
            SHUFFLED.replace("    return", "    images[:] = images[:, ::-1]\n    return"),
            "changes the images that it is given",
        ),
        (
            "whole rows",
            SHUFFLED.replace(
                "images.reshape(-1, 784)[:, fixed].reshape(images.shape)",
                "images[:, np.random.default_rng(1).permutation(28)]",
            ),
            "whole rows or columns",
        ),
        (
            "draws with repetition",
            SHUFFLED.replace("rng.permutation(784)", "rng.integers(0, 784, 784)"),
            "loses pixels or repeats some",
        ),
        ("forgets to shuffle", SHUFFLED.replace("[:, fixed]", ""), "gives the images back as they were"),
        ("loses the channel axis", SHUFFLED.replace("(images.shape)", "(-1, 28, 28)"), "should have the shape"),
        ("forgets return", SHUFFLED.replace("    return images", "    images"), "does it end with `return`"),
        ("calls the function", SHUFFLED + "shuffle = shuffle(x_test)", "without calling it"),
        ("percentages", SHUFFLED + 'lost = {"dense": 0.2, "convolutional": 8.1}', "not of percentages"),
        ("wrong sign", SHUFFLED + 'lost = {"dense": -0.002, "convolutional": -0.08}', "wrong sign"),
        ("names exchanged", SHUFFLED + 'lost = {"dense": 0.08, "convolutional": 0.002}', "names exchanged"),
        (
            "the old networks on shuffled digits",
            SHUFFLED
            + """
lost = {}
for name, network in [("dense", dense_model), ("convolutional", conv_model)]:
    lost[name] = (network.evaluate(x_test, y_test, verbose=0)[1]
                  - network.evaluate(shuffle(x_test), y_test, verbose=0)[1])
""",
            "lost nearly everything",
        ),
        (
            "nothing was shuffled",
            SHUFFLED + 'lost = {"dense": 0.002, "convolutional": 0.0}',
            "lost next to nothing",
        ),
    ],
    "cnn/5": [
        (
            "a dense network",
            SMALL
            + """
model = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(9, activation="relu"),
    layers.Dense(10, activation="softmax")])
learn(model, x_train, y_train, 2)
""",
            "has no convolution",
        ),
        ("too many parameters", SMALL + "model = conv_model", "should have fewer than 8,000"),
        (
            "no channel axis",
            SMALL
            + """
model = keras.Sequential([
    keras.Input((28, 28)), layers.Conv1D(8, 5, activation="relu"), layers.Flatten(),
    layers.Dense(10, activation="softmax")])
learn(model, x_train[:64, :, :, 0], y_train[:64], 1)
""",
            "without the axis of channels",
        ),
        (
            "ten times yes or no",
            SMALL
            + """
model = small("sigmoid")
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x_train[:64], y_train[:64], verbose=0)
""",
            "ten separate questions",
        ),
        (
            "squared error",
            SMALL
            + """
model = small()
model.compile("adam", "mse", metrics=["accuracy"])
model.fit(x_train[:64], y_train[:64], verbose=0)
""",
            "`mean_squared_error`",
        ),
        (
            "no softmax",
            SMALL + "model = small(None)\nlearn(model, x_train[:64], y_train[:64], 1)",
            "has no `softmax`",
        ),
        (
            "never trained",
            SMALL + 'model = small()\nmodel.compile("adam", "categorical_crossentropy", metrics=["accuracy"])',
            "has not been trained",
        ),
        (
            "pixels not scaled",
            SMALL
            + """
keras.utils.set_random_seed(8)
model = keras.Sequential([keras.Input((28, 28, 1)), layers.AveragePooling2D(4), layers.Conv2D(8, 3, activation="relu"),
                          layers.BatchNormalization(), layers.Flatten(), layers.Dense(10, activation="softmax")])
learn(model, 255 * x_train, y_train, 3)
scores["small"] = model.evaluate(x_test, y_test, verbose=0)[1]
""",
            "not scaled",
        ),
        (
            "measured on training digits",
            SMALL
            + """
model = small()
learn(model, x_train[:500], y_train[:500], 12)
scores["small"] = model.evaluate(x_train[:500], y_train[:500], verbose=0)[1]
""",
            "measured on the images that the network learned from",
        ),
        (
            "the loss in place of the accuracy",
            SMALL
            + """
model = small()
learn(model, x_train, y_train, 3)
scores["small"] = model.evaluate(x_test, y_test, verbose=0)[0]
""",
            "gives the loss first",
        ),
        (
            "the dense network on training digits",
            SMALL
            + """
model = small()
learn(model, x_train, y_train, 4)
scores["small"] = model.evaluate(x_test, y_test, verbose=0)[1]
scores["dense"] = 0.9901
""",
            "as high as on the digits that the network learned from",
        ),
        (
            "one step of training",
            SMALL
            + """
model = small()
learn(model, x_train[:64], y_train[:64], 1)
scores["small"] = model.evaluate(x_test, y_test, verbose=0)[1]
""",
            "labels only",
        ),
        (
            "behind the dense network",
            SMALL
            + """
model = small()
learn(model, x_train[:1000], y_train[:1000], 9)
scores["small"] = model.evaluate(x_test, y_test, verbose=0)[1]
""",
            "Train longer, or spend the parameters elsewhere",
        ),
    ],
    "cnn/6": [
        (
            "the network trained on centred digits",
            MEASURED + "accuracies = measured(model, x_test, y_test)",
            "has met no digit so far",
        ),
        (
            "the dense network",
            MEASURED + "model = dense_model\naccuracies = measured(model, x_test, y_test)",
            "has no convolution",
        ),
        (
            "moved to the right only",
            MEASURED
            + """
model = conv_network()
learn(model, np.concatenate([x_train, moved(x_train, 0, 3)])[::3], np.tile(y_train, (2, 1))[::3], 3)
accuracies = measured(model, x_test, y_test)
""",
            "Move training digits both ways",
        ),
        (
            "training labels in another order",
            MEASURED
            + """
model = conv_network()
pictures = np.concatenate([moved(x_train[:500], 0, 2), moved(x_train[:500], 2, 0)])
learn(model, pictures, np.repeat(y_train[:500], 2, axis=0), 2)
accuracies = measured(model, x_test, y_test)
""",
            "labels stay with their images",
        ),
        ("percentages", MEASURED + "accuracies = [96, 94, 85, 61]", "not percentages"),
        ("six shifts", MEASURED + "accuracies = [0.9] * 6", "should have the shape (4,)"),
        ("a dictionary", MEASURED + "accuracies = {shift: 0.9 for shift in range(4)}", "a list of four numbers"),
        ("reverse order", MEASURED + "accuracies = measured(model, x_test, y_test)[::-1]", "reverse order"),
        ("one direction", MEASURED + "accuracies = measured(model, x_test, y_test, [(0, 1)])", "further right only"),
        ("test digits not moved", MEASURED + "accuracies = measured(model, x_test, y_test, [(0, 0)])", "four times"),
        (
            "on training digits",
            MEASURED + "accuracies = measured(model, x_train[:1000], y_train[:1000])",
            "the network learned from",
        ),
        ("test labels in another order", MEASURED + "accuracies = [0.956, 0.11, 0.09, 0.1]", "near guessing"),
        (
            "another network's",
            MEASURED + "accuracies = measured(dense_model, x_test, y_test)",
            "on average over the four directions",
        ),
    ],
}
