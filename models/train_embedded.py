"""Distil VGG-19 (conv1_1 to conv3_4) into the embedded encoder.

    python models/train_embedded.py --teacher vgg19.npz --photos FOLDER --out embedded.npz --minutes 90

`--teacher` is an .npz with ``conv1_1.weight`` (out, in, 3, 3), ``conv1_1.bias`` ... ``conv3_4.bias``, for BGR
input in 0..255 less the ImageNet mean. `--photos` is a folder of JPEG or PNG pictures.

Three kinds of training picture, a quarter, a quarter and half of each batch:
- crops of the photographs with their geometry, colours and contrast jittered, blurred, or under noise;
- synthetic pictures: stripes, flat polygons, dabs of paint, coloured noise, and blends with photographs;
- pictures that the student itself is in the middle of optimising towards the Gram matrices of
  another picture. Style transfer leaves the manifold of photographs, and it goes exactly to where
  the student is wrong: training there counts most (the idea of DAgger, Ross et al. 2011).

Per tap the loss is the error of the features after a linear map W to the teacher's channels, over the
teacher's variance, and the relative Frobenius error of W G W^T against the teacher's Gram matrix.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.scaling import CAFFE
from portrait_nst.encoders.vgg import Vgg

TAPS = ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4")
TAP_WEIGHTS = torch.tensor([1.0, 1.0, 2.0, 1.0, 2.0])  # the two that the style loss reads and that are hardest, twice
TEACHER_WIDTHS = ((64, 64), (128, 128), (256, 256, 256, 256))
STUDENT_WIDTHS = ((32, 24), (80, 48), (128, 112, 112, 128))


def load_teacher(path: Path) -> Vgg:
    net = Vgg(TEACHER_WIDTHS, scaling=CAFFE)
    with np.load(path) as data:
        state = {f"convolutions.{name}": torch.from_numpy(data[name]) for name in data.files}
    net.load_state_dict(state)
    return net.requires_grad_(False).eval()


class Teacher:
    """The teacher's taps, each divided by one number so that it has unit standard deviation.

    The maps to its channels then start at the size they will have: VGG's activations on 0..255 input reach
    thousands, which Adam would need thousands of steps to climb to. Relative losses do not see the scale.
    """

    def __init__(self, net: Vgg, pictures: Tensor) -> None:
        self.net = net
        with torch.no_grad():
            self.scale = {tap: float(x.std()) for tap, x in net(pictures, TAPS).items()}

    def __call__(self, pictures: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            return {tap: x / self.scale[tap] for tap, x in self.net(pictures, TAPS).items()}


class Student(nn.Module):
    """The embedded network and, per tap, the linear map to the teacher's channels."""

    def __init__(self, widths: tuple[tuple[int, ...], ...] = STUDENT_WIDTHS) -> None:
        super().__init__()
        self.net = Vgg(widths)
        for conv in self.net.convolutions.values():
            nn.init.kaiming_normal_(_tensor(conv.weight), nonlinearity="relu")
            nn.init.zeros_(_tensor(conv.bias))
        self.maps = nn.ParameterDict()
        for tap in TAPS:
            block, index = int(tap[4]), int(tap[6])
            inside, outside = widths[block - 1][index - 1], TEACHER_WIDTHS[block - 1][index - 1]
            self.maps[tap] = nn.Parameter(torch.randn(outside, inside) / math.sqrt(inside))

    def grow_from(self, path: Path) -> None:
        """Take over the weights in `path`, of the same widths or narrower ones.

        New channels start at random and count for nothing at first: the weights that read them are zero there.
        """
        with np.load(path) as data:
            for name, conv in self.net.convolutions.items():
                weight = torch.from_numpy(data[f"{name}.weight"])
                bias = torch.from_numpy(data[f"{name}.bias"])
                out, read = weight.shape[:2]
                own_weight, own_bias = _tensor(conv.weight).data, _tensor(conv.bias).data
                own_weight[:, read:] = 0
                own_weight[:out, :read] = weight
                own_bias[:out] = bias
            for tap, matrix in self.maps.items():
                known = torch.from_numpy(data[f"{tap}.map"])
                matrix.data[:, known.shape[1] :] = 0
                matrix.data[:, : known.shape[1]] = known

    def arrays(self) -> dict[str, np.ndarray]:
        state = {k.removeprefix("convolutions."): v for k, v in self.net.state_dict().items()}
        state |= {f"{tap}.map": w for tap, w in self.maps.items()}
        return {k: v.detach().float().numpy().copy() for k, v in state.items()}


def _tensor(value: Tensor | nn.Module) -> Tensor:
    """A convolution's weight or bias, as a tensor: torch gives a module's attributes no narrower type."""
    assert isinstance(value, Tensor)
    return value


def columns(features: Tensor) -> Tensor:
    """(N, C, h, w) to (N, hw, C); a view where memory is channels-last."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)


def product(a: Tensor, b: Tensor) -> Tensor:
    """Mean over positions of a b^T, (N, A, B) float32, multiplied in the type of the inputs."""
    return (a.transpose(1, 2) @ b).float() / a.shape[1]


def gram(features: Tensor) -> Tensor:
    flat = columns(features.float())
    return product(flat, flat)


def tap_losses(
    maps: dict[str, Tensor], student: dict[str, Tensor], teacher: dict[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """Per tap (features error, Gram error), both relative to the teacher.

    The features error |W s - t|^2 is expanded into the Gram matrices and the cross product of s and t, so that
    W s, the largest map of all, is never formed.
    """
    features, grams = [], []
    for tap in TAPS:
        s, t, w = columns(student[tap]), columns(teacher[tap]), maps[tap]
        target, cross = product(t, t), product(t, s)
        mapped = w @ product(s, s) @ w.T
        traces = [m.diagonal(dim1=1, dim2=2).sum(1).mean() for m in (mapped, cross @ w.T, target)]
        variance = traces[2] - t.float().mean() ** 2 * t.shape[2]
        features.append((traces[0] - 2 * traces[1] + traces[2]) / variance)
        grams.append(((mapped - target).flatten(1).norm(dim=1) / target.flatten(1).norm(dim=1)).mean())
    return torch.stack(features), torch.stack(grams)


class Pictures:
    """Training crops (N, 3, size, size), RGB in [0, 1]."""

    def __init__(self, folder: Path, size: int, rng: np.random.Generator) -> None:
        self.size, self.rng = size, rng
        paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
        if not paths:
            raise SystemExit(f"no JPEG or PNG picture in {folder}")
        self.photos = []
        for path in paths:
            with Image.open(path) as image:
                image.thumbnail((512, 512))
                photo = np.asarray(image.convert("RGB"))
            if min(photo.shape[:2]) >= size // 2:
                self.photos.append(torch.from_numpy(photo.copy()).permute(2, 0, 1))

    def photo(self) -> Tensor:
        picture = self.photos[self.rng.integers(len(self.photos))]
        h, w = picture.shape[1:]
        side = int(np.clip(self.size * 2 ** self.rng.uniform(-0.7, 1.5), 24, min(h, w)))
        top, left = self.rng.integers(h - side + 1), self.rng.integers(w - side + 1)
        crop = picture[:, top : top + side, left : left + side].float()[None] / 255
        crop = F.interpolate(crop, (self.size, self.size), mode="bilinear", antialias=True)[0]
        if self.rng.random() < 0.5:
            crop = crop.flip(2)
        if self.rng.random() < 0.25:
            crop = crop.transpose(1, 2)
        return self.jitter(crop)

    def jitter(self, x: Tensor) -> Tensor:
        rng = self.rng
        if rng.random() < 0.5:  # a colour matrix near the identity: hue, saturation, balance
            matrix = torch.eye(3) + torch.from_numpy(rng.normal(0, 0.25, (3, 3))).float()
            x = torch.einsum("ij,jhw->ihw", matrix / matrix.sum(1, keepdim=True), x)
        if rng.random() < 0.3:
            x = x[list(rng.permutation(3))]
        if rng.random() < 0.7:
            mean = x.mean()
            x = (x - mean) * 2 ** rng.uniform(-1.5, 0.8) + mean + rng.normal(0, 0.15)
        if rng.random() < 0.3:
            x = x + torch.randn_like(x) * 10 ** rng.uniform(-2.3, -0.7)
        if rng.random() < 0.2:
            low = F.avg_pool2d(x[None], 5, 1, 2)[0]
            x = low + (x - low) * 2 ** rng.uniform(-2, 2)
        return x.clamp(0, 1) if rng.random() < 0.8 else x.clamp(-0.3, 1.3)

    def synthetic(self) -> Tensor:
        rng, n = self.rng, self.size
        kind = rng.integers(5)
        yy, xx = torch.meshgrid(torch.arange(n), torch.arange(n), indexing="ij")
        a, b = (torch.from_numpy(rng.random(3)).float().view(3, 1, 1) for _ in range(2))
        if kind == 0:  # stripes, straight or bent
            angle, period = rng.uniform(0, math.pi), 2 ** rng.uniform(1, 5.5)
            phase = (xx * math.cos(angle) + yy * math.sin(angle)) / period
            phase = phase + rng.uniform(0, 1) * torch.sin(yy / (4 * period) + rng.uniform(0, 6))
            wave = torch.sigmoid(2 ** rng.uniform(0, 5) * torch.sin(2 * math.pi * phase))
            x = a + (b - a) * wave
        elif kind == 1:  # flat cells with or without leading (Voronoi)
            count = int(2 ** rng.uniform(2, 7))
            points = torch.from_numpy(rng.uniform(0, n, (count, 2))).float()
            near, cell = (
                ((xx[..., None] - points[:, 0]) ** 2 + (yy[..., None] - points[:, 1]) ** 2)
                .sqrt()
                .topk(2, largest=False)
            )
            colours = torch.from_numpy(rng.random((count, 3))).float()
            x = colours[cell[..., 0]].permute(2, 0, 1)
            if rng.random() < 0.5:
                x = torch.where(near[..., 1] - near[..., 0] < rng.uniform(1, 5), a * 0.3, x)
        elif kind == 2:  # dabs of paint along one direction
            x = a.expand(3, n, n).clone()
            angle, spread = rng.uniform(0, math.pi), rng.uniform(0.1, 1.5)
            long, wide = rng.uniform(4, 24), rng.uniform(1.5, 8)
            for _ in range(int(2 ** rng.uniform(4, 7))):
                t, (cx, cy) = angle + rng.normal(0, spread), rng.uniform(0, n, 2)
                u = (xx - cx) * math.cos(t) + (yy - cy) * math.sin(t)
                v = -(xx - cx) * math.sin(t) + (yy - cy) * math.cos(t)
                colour = a + (b - a) * rng.random() + torch.from_numpy(rng.normal(0, 0.12, 3)).float().view(3, 1, 1)
                x = torch.where((u / long) ** 2 + (v / wide) ** 2 < 1, colour, x)
        else:  # noise with a power law over frequencies; sometimes cut into levels
            frequency = torch.fft.fftfreq(n)[:, None].square() + torch.fft.fftfreq(n)[None].square()
            amplitude = (frequency + 1 / n**2) ** (-rng.uniform(0, 2.2) / 2)
            noise = torch.fft.ifft2(torch.fft.fft2(torch.randn(3, n, n)) * amplitude).real
            noise = noise / noise.std() * float(rng.uniform(0.05, 0.4))
            mix = torch.eye(3) + rng.uniform(0, 1) * (1 - torch.eye(3))
            x = a + torch.einsum("ij,jhw->ihw", mix, noise)
            if rng.random() < 0.3:
                levels = int(rng.integers(2, 7))
                x = (x * levels).round() / levels
        if rng.random() < 0.3:
            other = self.photo()
            x = x * (t := rng.uniform(0.2, 0.8)) + other * (1 - t)
        if rng.random() < 0.3:
            x = F.avg_pool2d(x[None], 3, 1, 1)[0]
        return self.jitter(x)

    def batch(self, count: int) -> Tensor:
        return torch.stack([self.photo() if i % 2 else self.synthetic() for i in range(count)])


class Pool:
    """Pictures in the middle of being optimised by the student, towards another picture's Gram matrices."""

    def __init__(self, pictures: Pictures, teacher: Teacher, count: int, use: int, life: int) -> None:
        self.pictures, self.teacher, self.use, self.life = pictures, teacher, use, life
        self.x = pictures.batch(count)
        self.age = torch.from_numpy(pictures.rng.integers(0, life, count))
        self.m, self.v = torch.zeros_like(self.x), torch.zeros_like(self.x)
        self.rate = torch.empty(count)
        self.targets: dict[str, Tensor] = {}
        for i in range(count):
            self.renew(i, int(self.age[i]))

    def renew(self, i: int, age: int = 0) -> None:
        rng = self.pictures.rng
        start, style = self.pictures.photo(), self.pictures.photo() if rng.random() < 0.5 else self.pictures.synthetic()
        self.x[i] = start
        self.age[i] = age
        self.m[i] = self.v[i] = 0
        self.rate[i] = 10 ** rng.uniform(-2.2, -1.3)
        with torch.autocast("cpu", torch.bfloat16):
            maps = self.teacher(style[None])
        for tap in TAPS:
            if tap not in self.targets:
                channels = maps[tap].shape[1]
                self.targets[tap] = torch.zeros(len(self.x), channels, channels)
            self.targets[tap][i] = gram(maps[tap])[0]

    def step(self, student: Student, autocast: bool) -> tuple[Tensor, Tensor]:
        """One Adam step on some of the pictures; returns them as they were before, and their indices."""
        chosen = torch.from_numpy(self.pictures.rng.choice(len(self.x), self.use, replace=False))
        x = self.x[chosen].clone().requires_grad_(True)
        before = x.detach().clone()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            maps = student.net(x, TAPS)
        loss = torch.zeros(())
        for tap in TAPS:
            w, target = student.maps[tap].detach(), self.targets[tap][chosen]
            ours = w @ gram(maps[tap]) @ w.T
            loss = loss + ((ours - target).square().sum((1, 2)) / target.square().sum((1, 2))).sum()
        (gradient,) = torch.autograd.grad(loss, x)
        age = (self.age[chosen] + 1).view(-1, 1, 1, 1)
        self.m[chosen] = m = 0.9 * self.m[chosen] + 0.1 * gradient
        self.v[chosen] = v = 0.98 * self.v[chosen] + 0.02 * gradient.square()
        update = (m / (1 - 0.9**age)) / ((v / (1 - 0.98**age)).sqrt() + 1e-8)
        self.x[chosen] = (before - self.rate[chosen].view(-1, 1, 1, 1) * update).clamp(-0.2, 1.2)
        self.age[chosen] += 1
        for i in chosen.tolist():
            if self.age[i] >= self.life or not torch.isfinite(self.x[i]).all():
                self.renew(i)
        return before, chosen


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    temporary = path.with_suffix(".part.npz")
    np.savez(temporary, **arrays)  # type: ignore[arg-type]
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    network, student = load_teacher(args.teacher), Student()
    if args.start:
        student.grow_from(args.start)
    for net in (network, student.net):
        net.to(memory_format=torch.channels_last)
    pictures = Pictures(args.photos, args.size, rng)
    teacher = Teacher(network, pictures.batch(32))
    pool = Pool(pictures, teacher, count=8 * args.batch, use=args.batch // 2, life=100)
    average = student.arrays()
    optimiser = torch.optim.Adam(student.parameters(), lr=args.rate, betas=(0.9, 0.99))

    began, step, logged = time.monotonic(), 0, time.monotonic()
    trace = None
    while (part := (time.monotonic() - began) / (60 * args.minutes)) < 1:
        rate = args.rate * min(1, (step + 1) / 200) * 0.5 * (1 + math.cos(math.pi * part))
        for group in optimiser.param_groups:
            group["lr"] = rate
        own, _ = pool.step(student, autocast=True)
        x = torch.cat([pictures.batch(args.batch - len(own)), own]).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            truth = teacher(x)
            ours = student.net(x, TAPS)
        features, grams = tap_losses(dict(student.maps.items()), ours, truth)
        loss = (features + 2 * grams) @ TAP_WEIGHTS
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 2.0)
        optimiser.step()
        step += 1
        keep = min(0.999, step / (step + 20))
        for name, value in student.arrays().items():
            average[name] = keep * average[name] + (1 - keep) * value
        row = torch.cat([features, grams]).detach()
        trace = row if trace is None else 0.99 * trace + 0.01 * row
        if time.monotonic() - logged > 30:
            logged = time.monotonic()
            minutes = (logged - began) / 60
            print(
                f"{minutes:6.1f} min  step {step:6d}  rate {rate:.1e}  features "
                + " ".join(f"{v:.3f}" for v in trace[: len(TAPS)])
                + "  gram "
                + " ".join(f"{v:.4f}" for v in trace[len(TAPS) :]),
                flush=True,
            )
            save(args.out, average)
    save(args.out, average)
    print(f"done: {step} steps, {(time.monotonic() - began) / 60:.1f} minutes -> {args.out}")


if __name__ == "__main__":
    main()
