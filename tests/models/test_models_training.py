import numpy as np
import pytest
import torch
from torch import nn

from binome import models
from binome.contexts import Pictures
from binome.contexts.images import ImageContext
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Decision, Task
from binome.models import training
from binome.models.settings import Plan, Settings
from binome.models.zoo import registry


def halves(mirrors=True, seed=0):
    """Two easy classes of 8 x 8 pictures: bright above, bright below."""
    generator = np.random.default_rng(seed)

    def pictures(count):
        labels = np.arange(count) % 2
        pixels = generator.integers(0, 100, (count, 1, 8, 8), dtype=np.uint8)
        pixels[labels == 0, :, :4] += 120
        pixels[labels == 1, :, 4:] += 120
        return Pictures(pixels, labels)

    task = Task("halves", "Halves", "Which?", (Decision("above", "Above"), Decision("below", "Below")))
    splits = {"train": pictures(65), "calibration": pictures(40), "test": pictures(40)}
    return ImageContext(task, splits, mirrors=mirrors)


@pytest.fixture
def dropping(monkeypatch):
    """An architecture with batch normalisation and dropout, which draws from PyTorch's global generator."""
    monkeypatch.setattr(registry, "_plugins", dict(registry._plugins))

    @models.architecture("test_dropping")
    def build(layout):
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, 16),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(16, layout.outputs),
        )

    return "test_dropping"


def same(a, b):
    return all(torch.equal(value, b.state_dict()[name]) for name, value in a.state_dict().items())


SETTINGS = {"epochs": 3, "batch_size": 16, "shift": 0.2, "mirror": True, "label_smoothing": 0.1}


def test_it_learns_what_is_easy():
    context = halves()
    predictor = models.fit(context, "vit_micro", epochs=10, batch_size=16)
    assert models.evaluate(predictor, context, resamples=10).as_dict()["accuracy"]["value"] == 1
    assert not predictor.training


def test_the_seed_decides_everything_and_the_callers_random_state_nothing(dropping):
    context = halves()
    torch.manual_seed(1)
    one = models.fit(context, dropping, **SETTINGS)
    torch.manual_seed(2)
    before = torch.random.get_rng_state()
    other = models.fit(context, dropping, **SETTINGS)
    assert torch.equal(before, torch.random.get_rng_state())
    assert same(one, other)
    assert not same(one, models.fit(context, dropping, seed=1, **SETTINGS))


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_fit_interrupted_after_any_epoch_gives_the_same_weights(dropping, tmp_path, monkeypatch, after):
    context, whole = halves(), models.fit(halves(), dropping, **SETTINGS)
    keep = training.keep

    def interrupted(run, folder, progress):
        keep(run, folder, progress)
        if progress.epochs == after:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "keep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        models.fit(context, dropping, checkpoint=tmp_path, **SETTINGS)
    monkeypatch.setattr(training, "keep", keep)
    torch.rand(3)
    assert same(whole, models.fit(context, dropping, checkpoint=tmp_path, **SETTINGS))


def test_interrupted_in_the_middle_of_an_epoch_it_goes_back_to_its_start(dropping, tmp_path, monkeypatch):
    context, whole, steps = halves(), models.fit(halves(), dropping, **SETTINGS), []
    augmentation = training.augmentation

    def interrupted(settings):
        augment = augmentation(settings)

        def counted(pictures):
            steps.append(1)
            if len(steps) == 8:
                raise KeyboardInterrupt
            return augment(pictures)

        return counted

    monkeypatch.setattr(training, "augmentation", interrupted)
    with pytest.raises(KeyboardInterrupt):
        models.fit(context, dropping, checkpoint=tmp_path, **SETTINGS)
    assert same(whole, models.fit(context, dropping, checkpoint=tmp_path, **SETTINGS))
    # Five steps an epoch: the eighth falls into the second, which is done again.
    assert len(steps) == 8 + 10


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"epochs": 4}, {"learning_rate": 0.1}, {"limit": 30}],
    ids=["seed", "epochs", "rate", "limit"],
)
def test_a_checkpoint_of_another_fit_is_refused(dropping, tmp_path, other):
    models.fit(halves(), dropping, checkpoint=tmp_path, **SETTINGS)
    with pytest.raises(BinomeError, match="belongs to a fit with other data or settings"):
        models.fit(halves(), dropping, checkpoint=tmp_path, **{**SETTINGS, **other})
    with pytest.raises(BinomeError, match="other data"):
        models.fit(halves(seed=5), dropping, checkpoint=tmp_path, **SETTINGS)


def test_a_damaged_checkpoint_is_refused(dropping, tmp_path):
    models.fit(halves(), dropping, checkpoint=tmp_path, **SETTINGS)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BinomeError, match="no readable checkpoint"):
        models.fit(halves(), dropping, checkpoint=tmp_path, **SETTINGS)


def test_the_record_says_how_it_was_trained():
    record = models.fit(halves(), "vit_micro", seed=4, epochs=1, limit=50).training_record
    assert {name: record[name] for name in ("epochs", "seed", "train_items", "calibration_items", "batch_size")} == {
        "epochs": 1, "seed": 4, "train_items": 50, "calibration_items": 40, "batch_size": 8,
    }  # fmt: skip
    assert record["seconds"] > 0
    assert record["device"] in ("cpu", "cuda", "mps")


def test_what_is_not_set_follows_from_the_number_of_items():
    assert Settings().plan(55_000) == Plan(Settings(epochs=5, batch_size=64), steps=860, epochs=5)
    assert Settings().plan(1_097) == Plan(Settings(epochs=20, batch_size=18), steps=61, epochs=20)
    given = Settings(epochs=2, batch_size=500)
    assert given.plan(1_097) == Plan(given, steps=3, epochs=2)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"epochs": 0}, "epochs is 0; give a whole number from 1"),
        ({"epochs": 2.5}, "epochs is 2.5"),
        ({"batch_size": True}, "batch_size is True"),
        ({"limit": -1}, "limit is -1"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'; give a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"weight_decay": -0.1}, "weight_decay is -0.1"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0; give a number from 0, below 1"),
        ({"shift": 0.7}, "shift is 0.7"),
        ({"mirror": 1}, "mirror is 1"),
        ({"mirror": True}, "a mirrored item of halves"),
        ({"precision": "float8"}, "precision is 'float8'; give float32 or bfloat16 or float16"),
        ({"precision": "float16", "device": "cpu"}, "'float16', which needs a GPU"),
        ({"rotate": -1}, "rotate is -1; give a number from 0 to 180"),
        ({"tune": "head"}, "tune is 'head'; give whole, or pretrained: true with it"),
        ({"patience": 0}, "patience is 0; give a whole number from 1"),
        ({"device": "abacus"}, "device is 'abacus'"),
        ({"epoch": 3}, "no setting 'epoch'; did you mean 'epochs'?"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(settings, says):
    with pytest.raises(BinomeError) as caught:
        models.fit(halves(mirrors=False), "vit_micro", **settings)
    assert says in str(caught.value)


def test_a_loss_that_explodes_stops_the_fit():
    with pytest.raises(BinomeError, match=r"no longer finite; lower predictor\.learning_rate"):
        models.fit(halves(), "vit_micro", epochs=5, learning_rate=1e30)


def test_mixed_precision_learns_too():
    context = halves()
    predictor = models.fit(context, "vit_micro", epochs=10, batch_size=16, precision="bfloat16")
    assert predictor.logits(context.split("test").inputs).dtype == torch.float32
    assert models.evaluate(predictor, context, resamples=10).as_dict()["accuracy"]["value"] > 0.9


def test_the_learning_rate_rises_evenly_then_falls_as_half_a_cosine():
    factor = training.warm_up_cosine(100)
    assert [factor(step) for step in range(10)] == pytest.approx(np.arange(1, 11) / 10)
    assert factor(10) == 1
    assert factor(55) == pytest.approx(0.5)
    assert factor(32.5) == pytest.approx(0.5 + np.sqrt(2) / 4)
    assert factor(100) == pytest.approx(0)


@pytest.mark.parametrize(
    ("shape", "patch"),
    [((1, 28, 28), 4), ((1, 8, 8), 2), ((3, 32, 32), 4), ((3, 64, 64), 8), ((3, 96, 96), 12), ((1, 12, 8), 2)],
)
def test_vit_micro_cuts_patches_that_divide_the_picture(shape, patch):
    network = models.build("vit_micro", models.Layout(shape, 3))
    assert network.patch_embed.patch_size == (patch, patch)
    assert network(torch.rand(2, *shape)).shape == (2, 3)
    assert 100_000 < sum(parameter.numel() for parameter in network.parameters()) < 200_000


def test_vit_micros_positions_tell_rows_and_columns_apart():
    positions = models.build("vit_micro", models.Layout((1, 28, 28), 3)).pos_embed[0, 1:].detach()
    distances = torch.cdist(positions, positions)
    assert (distances + torch.eye(49) > 0.1).all()
    # As far from the neighbour on the right as from the one below.
    torch.testing.assert_close(distances[24, 25], distances[24, 31])


@pytest.mark.parametrize("shape", [(1, 29, 29), (1, 7, 8), (1, 2, 2)])
def test_vit_micro_refuses_what_it_cannot_cut(shape):
    with pytest.raises(BinomeError, match="no square patches"):
        models.build("vit_micro", models.Layout(shape, 3))


@pytest.mark.parametrize("name", ["test_vit", "test_resnet", "test_convnext"])
def test_architectures_of_timm_fit_the_inputs(name):
    network = models.build(name, models.Layout((1, 32, 32), 3)).eval()
    assert network(torch.rand(2, 1, 32, 32)).shape == (2, 3)


def test_patches_that_do_not_divide_and_names_nearly_right_are_refused():
    with pytest.raises(BinomeError, match="16 × 16 pixels, which do not divide 28 × 28"):
        models.build("vit_tiny_patch16_224", models.Layout((1, 28, 28), 3))
    with pytest.raises(UnknownNameError, match="did you mean 'resnet18'"):
        models.build("resnet_18", models.Layout((1, 28, 28), 3))
    assert models.architectures() == sorted(models.architectures())
    assert "vit_micro" in models.architectures()


def test_a_fit_goes_on_with_another_number_of_threads(tmp_path):
    labels = np.arange(8000) % 2
    pixels = np.random.default_rng(0).integers(0, 256, (8000, 1, 8, 8), dtype=np.uint8).repeat(4, 2).repeat(4, 3)
    small = Pictures(pixels[:40], labels[:40])
    splits = {"train": Pictures(pixels, labels), "calibration": small, "test": small}
    context = ImageContext(halves().task, splits, mirrors=True)
    architecture, threads = "test_resnet", torch.get_num_threads()
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            models.fit(context, architecture, checkpoint=tmp_path, epochs=1, limit=16)
    finally:
        torch.set_num_threads(threads)


def test_an_early_stop_keeps_the_epoch_that_was_best_on_items_held_out(monkeypatch):
    losses = iter([0.9, 0.5, 0.4, 0.6, 0.7, 0.1])
    states = []

    def judged(objective, items, settings):
        states.append({name: value.clone() for name, value in objective.predictor.state_dict().items()})
        assert len(items) == 6  # a tenth of the 65
        return next(losses)

    monkeypatch.setattr(training, "_loss", judged)
    predictor = models.fit(halves(), "vit_micro", epochs=9, batch_size=16, patience=2)
    assert len(states) == 5  # two epochs without a lower loss after the third
    assert predictor.training_record["kept_epoch"] == 3
    kept = predictor.state_dict()
    for name in ("network.head.weight", "network.pos_embed"):
        assert torch.equal(kept[name], states[2][name])
        assert not torch.equal(kept[name], states[4][name])


def test_an_early_stop_survives_an_interruption(tmp_path, monkeypatch):
    settings = {"epochs": 6, "batch_size": 16, "patience": 2, "learning_rate": 0.01}
    whole, keep = models.fit(halves(), "vit_micro", **settings), training.keep

    def interrupted(run, folder, progress):
        keep(run, folder, progress)
        if progress.epochs == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "keep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        models.fit(halves(), "vit_micro", checkpoint=tmp_path, **settings)
    monkeypatch.setattr(training, "keep", keep)
    again = models.fit(halves(), "vit_micro", checkpoint=tmp_path, **settings)
    assert same(whole, again)
    assert whole.training_record["kept_epoch"] == again.training_record["kept_epoch"]
