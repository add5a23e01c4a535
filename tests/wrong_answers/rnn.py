"""Wrong answers to the exercises of rnn: for each, its name, the learner's code, and words of the hint it must get."""

RUNS = """
loss, accuracy = history["val_loss"], history["val_accuracy"]
best = loss.argmin(axis=1)
at_best = accuracy[np.arange(len(best)), best]
best_epochs, spread = best + 1, accuracy[:, -1].std(ddof=1)
saved = (at_best - accuracy[:, -1]).mean()
"""

PADDED = """
predicted = {"pad pre": [0, 0, 11, 12, 13], "pad post": [11, 12, 13, 0, 0],
             "cut pre": [23, 24, 25, 26, 27], "cut post": [21, 22, 23, 24, 25]}
front = keras.utils.pad_sequences(some_reviews, maxlen=maxlen)
behind = keras.utils.pad_sequences(some_reviews, maxlen=maxlen, padding="post")
waiting = np.median(np.sum(behind == 0, axis=1))
lost = np.mean([len(review) > maxlen for review in some_reviews])
"""

STEP = """
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def lstm_step(x, h, c, kernel, recurrent, bias):
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c

parameters = 42240
"""

# A network that reads 20 words, trained on a few reviews. Eager, which saves compiling where there are few batches.
TINY = """
length = 20

def network(recurrent=None, words=10000, activation="sigmoid", loss="binary_crossentropy", eager=True):
    keras.utils.set_random_seed(1)
    made = keras.Sequential([
        keras.Input((length,)),
        layers.Embedding(words, 8),
        recurrent or layers.LSTM(4),
        layers.Dense(1, activation=activation),
    ])
    made.compile(optimizer="adam", loss=loss, metrics=["accuracy"], run_eagerly=eager)
    return made

def padded(reviews, **how):
    return keras.utils.pad_sequences(reviews, maxlen=length, **how)

def fit(made, epochs=1, n=64):
    return made.fit(padded(reviews_train[:n]), y_train[:n], epochs=epochs, batch_size=64, verbose=0,
                    validation_data=(padded(reviews_val[:n]), y_val[:n]))

x_test = padded(reviews_test)
test_accuracy = 0.5
history = {metric: [0.5] for metric in ("loss", "accuracy", "val_loss", "val_accuracy")}
"""

BOTH = """
def network(recurrent):
    keras.utils.set_random_seed(1)
    made = keras.Sequential([
        keras.Input((None,)),
        layers.Embedding(10000, 4),
        recurrent,
        layers.Dense(1, activation="sigmoid"),
    ])
    made.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    made.fit(x_short[:32, -20:], y_short[:32], verbose=0)
    made.run_eagerly = False
    return made

parameters, one, two, larger = 16640, [0.80, 0.82, 0.81], [0.81, 0.83, 0.80], False
"""
BIDIRECTIONAL = "model = network(layers.Bidirectional(layers.LSTM(2)))"

WRONG = {
    "rnn/1": [
        ("counts epochs from 0", RUNS + "best_epochs = best", "epochs count from 1"),
        ("averages first", RUNS + "best_epochs = loss.mean(axis=0).argmin() + 1", "one a run"),
        ("looks along the runs", RUNS + "best_epochs = loss.argmin(axis=0) + 1", "the best run"),
        ("takes the training loss", RUNS + "best_epochs = history['loss'].argmin(axis=1) + 1", "Take `val_loss`"),
        ("divides by n", RUNS + "spread = accuracy[:, -1].std()", "`ddof=1`"),
        ("takes the variance", RUNS + "spread = accuracy[:, -1].var(ddof=1)", "variance"),
        ("all epochs together", RUNS + "spread = accuracy.std(ddof=1)", "all epochs together"),
        ("wrong sign", RUNS + "saved = -saved", "wrong sign"),
        (
            "the highest accuracy",
            RUNS + "saved = (accuracy.max(axis=1) - accuracy[:, -1]).mean()",
            "highest validation",
        ),
        ("percentage points", RUNS + "saved = 100 * saved", "percentage points"),
    ],
    "rnn/2": [
        (
            "pads the wrong way round",
            PADDED + "predicted['pad pre'], predicted['pad post'] = predicted['pad post'], predicted['pad pre']",
            "the side where zeros are added",
        ),
        (
            "cuts the wrong way round",
            PADDED + "predicted['cut pre'], predicted['cut post'] = predicted['cut post'], predicted['cut pre']",
            "the side where words are taken away",
        ),
        ("leaves the row short", PADDED + "predicted['pad pre'] = [11, 12, 13]", "equally long"),
        ("sides exchanged", PADDED + "front, behind = behind, front", "on the other side"),
        (
            "cuts behind",
            PADDED
            + "behind = keras.utils.pad_sequences(some_reviews, maxlen=maxlen, padding='post', truncating='post')",
            "lose their last words",
        ),
        ("forgets the length", PADDED + "front = keras.utils.pad_sequences(some_reviews)", "a row of 500 numbers"),
        ("takes the mean", PADDED + "waiting = np.mean(np.sum(behind == 0, axis=1))", "asks for the median"),
        ("counts the words", PADDED + "waiting = np.median(np.sum(behind > 0, axis=1))", "count the zeros"),
        ("at least 500", PADDED + "lost = np.mean([len(r) >= maxlen for r in some_reviews])", "not `>=`"),
        ("a number, not a share", PADDED + "lost = sum(len(r) > maxlen for r in some_reviews)", "divide it"),
        ("a percentage", PADDED + "lost = 100 * lost", "not a percentage"),
        ("those that keep", PADDED + "lost = 1 - lost", "keep their last words"),
    ],
    "rnn/3": [
        ("gates in another order", STEP.replace("i, f, g, o =", "i, f, o, g ="), "order i, f, o, g; Keras"),
        ("forget gate first", STEP.replace("i, f, g, o =", "f, i, g, o ="), "Keras stores them as i, f, g, o"),
        ("no tanh on the candidate", STEP.replace("np.tanh(g)", "g"), "before it is written"),
        ("no tanh on the cell state", STEP.replace("np.tanh(c)", "c"), "before it is shown"),
        ("a sigmoid on the candidate", STEP.replace("np.tanh(g)", "sigmoid(g)"), "not a sigmoid"),
        ("no forget gate", STEP.replace("sigmoid(f) * c", "c"), "the forget gate is forgotten"),
        ("no input gate", STEP.replace("sigmoid(i) * np", "np"), "the input gate is forgotten"),
        ("no output gate", STEP.replace("sigmoid(o) * np", "np"), "the output gate is forgotten"),
        ("no sigmoid", STEP.replace("1 / (1 + np.exp(-z))", "z"), "the three gates go through a sigmoid; here"),
        ("no bias", STEP.replace(" + bias", ""), "the bias is missing"),
        ("returns the cell state first", STEP.replace("return h, c", "return c, h"), "returns the cell state first"),
        ("returns the state only", STEP.replace("return h, c", "return h"), "asks for two"),
        ("cuts rows, not columns", STEP.replace("axis=1", "axis=0"), "stopped with ValueError"),
        ("the parameters of a SimpleRNN", STEP + "parameters = 64 * 100 + 64 * 64 + 64", "that of a SimpleRNN"),
        ("no biases", STEP + "parameters = 4 * (64 * 100 + 64 * 64)", "leaves out the biases"),
        ("units and features exchanged", STEP + "parameters = 4 * (64 * 100 + 100 * 100 + 100)", "exchanged"),
    ],
    "rnn/4": [
        ("still a SimpleRNN", TINY + "model = network(layers.SimpleRNN(4))", "no `LSTM`"),
        ("returns all states", TINY + "model = network(layers.LSTM(4, return_sequences=True))", "after every word"),
        (
            "a bag of words",
            TINY + "model = keras.Sequential([keras.Input((10000,)), layers.Dense(1, activation='sigmoid')])",
            "looks like multi-hot rows",
        ),
        ("too small an embedding", TINY + "model = network(words=5000)", "it needs 10000"),
        ("a loss for classes", TINY + "model = network(loss='categorical_crossentropy')", "compares several classes"),
        ("a loss for numbers", TINY + "model = network(loss='mse')", "does not fit a probability"),
        ("no activation", TINY + "model = network(activation=None)", "gives no probability"),
        ("a softmax over one", TINY + "model = network(activation='softmax')", "always 1"),
        ("not trained", TINY + "model = network()", "has not been trained"),
        (
            "no validation",
            TINY + "model = network()\nhistory = model.fit(padded(reviews_train[:64]), y_train[:64], verbose=0)",
            "no `val_loss`",
        ),
        (
            "zeros behind",
            TINY + "model = network()\nhistory = fit(model)\nx_test = padded(reviews_test, padding='post')",
            "zeros behind the words",
        ),
        (
            "multi-hot test reviews",
            TINY + "model = network()\nhistory = fit(model)\nx_test = np.zeros((20, 10000))\n"
            "for row, review in zip(x_test, reviews_test):\n    row[review] = 1",
            "`x_test` is multi-hot",
        ),
        (
            "not padded",
            TINY + "model = network()\nhistory = fit(model)\nx_test = reviews_test",
            "bring them to one length",
        ),
        (
            "evaluates on training reviews",
            TINY + "model = network()\nhistory = fit(model)\nx_test = padded(reviews_train[:5000])",
            "holds training reviews",
        ),
        (
            "gives the training accuracy",
            TINY + "model = network()\nfit(model)\nhistory['accuracy'] = [0.91]\ntest_accuracy = 0.91",
            "an accuracy on training reviews",
        ),
        (
            "gives another network's accuracy",
            TINY + "model = network()\nhistory = fit(model)\ntest_accuracy = 0.97",
            "Was it evaluated on training reviews",
        ),
        (
            "gives the loss",
            TINY + "model = network()\nhistory = fit(model)\ntest_accuracy = 0.35",
            "returns the loss first",
        ),
        (
            "hardly trained",
            TINY + "model = network()\nhistory = fit(model)\n"
            "test_accuracy = model.evaluate(x_test, y_test, batch_size=512, verbose=0)[1]",
            "hardly more than guessing",
        ),
        (
            "reads too little",
            TINY.replace("length = 20", "length = 8")
            + "model = network(eager=False)\nhistory = fit(model, epochs=2, n=6000)\n"
            "test_accuracy = model.evaluate(x_test, y_test, batch_size=512, verbose=0)[1]",
            "no better than the SimpleRNN",
        ),
    ],
    "rnn/5": [
        ("one direction's parameters", BOTH + "parameters, model = 8320, None", "that of one direction"),
        ("with the last layer", BOTH + "parameters, model = 16705, None", "includes the last layer"),
        ("twice the units", BOTH + "parameters, model = 4 * (32 * 64 + 64 * 64 + 64), None", "do not read each"),
        ("one run", BOTH + "one, two, model = 0.80, 0.81, None", "one accuracy a seed"),
        ("two seeds", BOTH + "one, two, model = [0.80, 0.81], [0.81, 0.83], None", "at least three seeds"),
        ("percentages", BOTH + "one, model = [80.1, 82.5, 81.0], None", "not percentages"),
        ("the same seed", BOTH + "two, model = [0.81, 0.81, 0.81], None", "a seed of its own"),
        ("the same networks", BOTH + "two, model = one, None", "hold the same accuracies"),
        ("not trained", BOTH + "two, larger, model = [0.50, 0.51, 0.49], True, None", "Were they trained"),
        ("a difference of any size", BOTH + "larger, model = True, None", "`larger` should be `False`"),
        (
            "a difference with a sign",
            BOTH + "two, larger, model = [0.70, 0.71, 0.72], False, None",
            "whichever network is ahead",
        ),
        ("the other network", BOTH + "model = network(layers.LSTM(2))", "no `Bidirectional` layer"),
        (
            "evaluates on training reviews",
            BOTH + BIDIRECTIONAL + "\ntwo, larger = [0.95, 0.96, 0.97], True",
            "not on training reviews",
        ),
    ],
}
