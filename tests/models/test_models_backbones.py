from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from binome import models
from binome.contexts import ImageContext, Pictures
from binome.contexts.images import photos
from binome.contexts.images.decoding import Shape, decode
from binome.core import BinomeError
from binome.core.stimulus import Decision, Task
from binome.models import backbones, training
from binome.models.zoo import Layout

LITE = "efficientnet_lite0"


@pytest.fixture(scope="module")
def network():
    return backbones.pretrained(LITE, Layout((3, 64, 64), 4))


def context(channels=3, count=24, size=32):
    draw = np.random.default_rng(0)

    def pictures(number):
        labels = np.arange(number) % 2
        pixels = draw.integers(0, 120, (number, channels, size, size), dtype=np.uint8)
        pixels[labels == 1] += 100
        return Pictures(pixels, labels)

    task = Task("shades", "Shades", "Which?", (Decision("dark", "Dark"), Decision("light", "Light")))
    splits = {"train": pictures(count), "calibration": pictures(8), "test": pictures(8)}
    return ImageContext(task, splits, mirrors=True)


@pytest.mark.skipif(not photos.DEBIAN.is_dir(), reason="apt install tuxpaint-stamps-default")
def test_the_weights_recognise_real_photographs():
    from torchvision.models._meta import _IMAGENET_CATEGORIES as NAMES

    whole = backbones._create(backbones.LITE_IN_TIMM, num_classes=1000)
    whole.load_state_dict(backbones._lite_weights(whole))
    mean, deviation = backbones.normalisation(LITE, Layout((3, 224, 224), 1000))
    wanted = {
        "food/fruit/banana.png": "banana", "animals/birds/flamingo.png": "flamingo",
        "animals/mammals/cats/lion.png": "lion", "animals/mammals/camel/dromedary.png": "Arabian camel",
    }  # fmt: skip
    found = {}
    for name in wanted:
        path = photos.DEBIAN / name
        if not path.exists():  # the collection's names may change
            continue
        pixels, _ = decode(path, Shape(224, 224))
        inputs = (torch.from_numpy(pixels).float() / 255 - mean.view(3, 1, 1)) / deviation.view(3, 1, 1)
        with torch.no_grad():
            found[name] = NAMES[int(whole.eval()(inputs[None]).argmax())]
    assert len(found) >= 2
    assert found == {name: wanted[name] for name in found}


def test_a_grey_picture_gives_what_the_same_picture_in_colour_does(network):
    grey = backbones.pretrained(LITE, Layout((1, 64, 64), 4))
    picture = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours, theirs = (
            net.eval().forward_features(inputs)
            for net, inputs in ((grey, picture), (network, picture.expand(-1, 3, -1, -1)))
        )
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("tune", "fewest", "most"), [("head", 1, 1), ("last", 2, 2), ("whole", 5, 30)])
def test_what_is_tuned_and_how_fast(network, tune, fewest, most):
    found = backbones.groups(network, tune, 0.01, 0.05, 0.5)
    assert fewest <= len(found) <= most
    rates = [group["lr"] for group in found]
    assert rates == pytest.approx([0.01 * 0.5 ** (len(found) - 1 - place) for place in range(len(found))])
    trained = {id(parameter) for group in found for parameter in group["params"]}
    assert trained == {id(parameter) for parameter in network.parameters() if parameter.requires_grad}
    assert {id(parameter) for parameter in network.get_classifier().parameters()} <= trained
    assert (id(network.conv_stem.weight) in trained) == (tune == "whole")
    last_block = {id(parameter) for parameter in network.blocks[-1].parameters()}
    assert (last_block <= trained) == (tune != "head")


def test_one_group_where_nothing_is_told_apart(network):
    (group,) = backbones.groups(network, "whole", 0.01, 0.05, 1.0)
    assert len(group["params"]) == len(list(network.parameters()))


def test_a_network_that_names_no_blocks_is_refused():
    with pytest.raises(BinomeError, match="does not say what its blocks are"):
        backbones.groups(torch.nn.Linear(2, 2), "head", 0.1, 0.0, 1.0)


def test_training_the_head_leaves_everything_else_alone(monkeypatch):
    before = {}
    monkeypatch.setattr(
        training, "_epochs",
        lambda run, *rest, _real=training._epochs: before.update(
            {name: value.clone() for name, value in run.predictor.state_dict().items()}) or _real(run, *rest),
    )  # fmt: skip
    predictor = models.fit(context(), LITE, pretrained=True, tune="head", epochs=1, batch_size=8)
    after = predictor.state_dict()
    changed = {name for name, value in after.items() if name in before and not torch.equal(value, before[name])}
    assert changed - {"temperature"} == {"network.classifier.weight", "network.classifier.bias"}


def test_a_fine_tuned_predictor_comes_back_from_disk(tmp_path):
    given = context(channels=1)
    predictor = models.fit(given, LITE, pretrained=True, tune="last", epochs=1, layer_decay=0.5)
    models.save(predictor, tmp_path)
    inputs = given.split("test").inputs
    assert torch.equal(predictor.logits(inputs), models.load(tmp_path).logits(inputs))
    torch.testing.assert_close(predictor.mean.flatten(), torch.tensor([0.5]))


def test_weights_that_cannot_be_had_say_what_to_do(monkeypatch):
    with pytest.raises(BinomeError, match=r"weights of resnet18 cannot be had .* efficientnet_lite0"):
        models.fit(context(), "resnet18", pretrained=True)
    with pytest.raises(BinomeError, match="vit_micro has no published weights"):
        models.fit(context(), "vit_micro", pretrained=True)
    monkeypatch.setattr(backbones, "find_spec", lambda name: None)
    with pytest.raises(BinomeError, match=r"binome\[backbones\]"):
        models.fit(context(), LITE, pretrained=True)


def test_a_file_of_another_network_is_refused(tmp_path, monkeypatch):
    package = tmp_path / "package"
    (package / "models").mkdir(parents=True)
    torch.save({"weight": torch.zeros(3)}, package / backbones.LITE_FILE)
    monkeypatch.setattr(backbones, "find_spec", lambda name: type("Spec", (), {"origin": str(package / "__init__.py")}))
    with pytest.raises(BinomeError, match="does not hold the layers"):
        backbones.pretrained(LITE, Layout((3, 64, 64), 2))
    Path(package / backbones.LITE_FILE).write_bytes(b"no weights")
    with pytest.raises(BinomeError, match="cannot be read"):
        backbones.pretrained(LITE, Layout((3, 64, 64), 2))


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (3, 64, 64), (3, 128, 96)])
def test_cnn_micro_takes_pictures_of_many_sizes(shape):
    net = models.build("cnn_micro", Layout(shape, 5)).eval()
    assert net(torch.rand(2, *shape)).shape == (2, 5)
    assert sum(parameter.numel() for parameter in net.parameters()) < 300_000


def test_cnn_micro_refuses_what_is_too_small():
    with pytest.raises(BinomeError, match="pictures of 8 pixels or more, found 6 × 9"):
        models.build("cnn_micro", Layout((1, 6, 9), 3))


def test_an_image_of_the_library_is_what_the_context_shows():
    given = context()
    assert isinstance(given.show(given.split("test").ids[0]).picture, Image.Image)
