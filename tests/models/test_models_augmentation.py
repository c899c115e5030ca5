import pytest
import torch

from binome.models import Settings
from binome.models.augmentation import augmentation


def test_nothing_asked_for_is_nothing_done():
    assert augmentation(Settings()) is None


def test_shifted_pictures_lose_nothing_but_their_edge():
    pictures = torch.zeros(8, 1, 8, 8)
    pictures[:, :, 3, 4] = 1
    augment, places = augmentation(Settings(shift=0.25)), set()
    torch.manual_seed(0)
    for _ in range(300):
        shown = augment(pictures)
        assert shown.shape == pictures.shape
        torch.testing.assert_close(shown.sum(), torch.tensor(8.0))
        places |= {tuple(place[2:]) for place in shown.nonzero().tolist()}
    assert places == {(y, x) for y in range(1, 6) for x in range(2, 7)}


def test_each_group_of_eight_is_moved_for_itself():
    pictures = torch.zeros(32, 1, 8, 8)
    pictures[:, :, 3, 4] = 1
    torch.manual_seed(1)
    shown = augmentation(Settings(shift=0.25))(pictures)
    groups = [group.nonzero()[:, 2:].unique(dim=0) for group in torch.split(shown, 8)]
    assert all(len(group) == 1 for group in groups)
    assert len({tuple(group[0].tolist()) for group in groups}) > 1


def test_mirroring_turns_about_half_of_the_pictures_whole():
    pictures = torch.rand(400, 1, 4, 5, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(1)
    shown = augmentation(Settings(mirror=True))(pictures)
    turned = [torch.equal(a, b.flip(-1)) for a, b in zip(shown, pictures, strict=True)]
    kept = [torch.equal(a, b) for a, b in zip(shown, pictures, strict=True)]
    assert all(a != b for a, b in zip(turned, kept, strict=True))
    assert 160 < sum(turned) < 240


@pytest.mark.parametrize("settings", [{"rotate": 30.0}, {"zoom": 0.3}, {"jitter": 0.5}])
def test_pictures_stay_in_their_range_and_shape(settings):
    pictures = torch.rand(20, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    before = pictures.clone()
    torch.manual_seed(2)
    shown = augmentation(Settings(**settings))(pictures)
    assert shown.shape == pictures.shape
    assert not torch.equal(shown, pictures)
    assert float(shown.min()) >= 0
    assert float(shown.max()) <= 1
    assert torch.equal(before, pictures)
