"""Encoders whose code comes with their weights (NomicBERT, GTE's, JinaBERT), as that code writes them."""

import math

import torch
from torch import nn
from torch.nn import functional as F

import models
from models import HEADS, VOCABULARY, WIDTH

HEAD = WIDTH // HEADS


class Rope(nn.Module):
    def __init__(self, base=10000.0, cached=None):
        super().__init__()
        self.register_buffer("inv", 1.0 / (base ** (torch.arange(0, HEAD, 2).float() / HEAD)), persistent=False)
        self.cached = cached
        if cached:
            f = torch.einsum("i,j->ij", torch.arange(cached).float(), self.inv)
            e = torch.cat((f, f), -1)
            self.register_buffer("cos_cached", e.cos(), persistent=False)
            self.register_buffer("sin_cached", e.sin(), persistent=False)

    def tables(self, n):
        if self.cached:
            return self.cos_cached[:n], self.sin_cached[:n]
        f = torch.outer(torch.arange(n, device=self.inv.device, dtype=torch.float32), self.inv)
        return f.cos(), f.sin()


def rotate_half(x):
    x1 = x[..., : x.shape[-1] // 2]
    x2 = x[..., x.shape[-1] // 2 :]
    return torch.cat((-x2, x1), dim=-1)


class NomicLayer(nn.Module):
    """flash-attn's: packed Wqkv without bias, rotary of halves, y * silu(gate) of two linears, post-norm"""
    def __init__(self, sdpa):
        super().__init__()
        self.sdpa = sdpa
        self.Wqkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.rope = Rope()
        self.fc11, self.fc12 = nn.Linear(WIDTH, 40, bias=False), nn.Linear(WIDTH, 40, bias=False)
        self.fc2 = nn.Linear(40, WIDTH, bias=False)
        self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def rot(self, x, cos, sin):  # x (b, s, h, d), cos (s, d/2)
        cos = cos.repeat(1, 2)[None, :, None, :]
        sin = sin.repeat(1, 2)[None, :, None, :]
        return torch.cat([x[..., :HEAD] * cos + rotate_half(x[..., :HEAD]) * sin, x[..., HEAD:]], dim=-1)

    def forward(self, h, mask):
        qkv = self.Wqkv(h)
        b, s, _ = h.shape
        qkv = qkv.view(b, s, 3, HEADS, HEAD)
        cos, sin = self.rope.tables(s)
        q, k, v = qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]
        q, k = self.rot(q, cos, sin), self.rot(k, cos, sin)
        q, k, v = q.permute(0, 2, 1, 3), k.permute(0, 2, 1, 3), v.permute(0, 2, 1, 3)
        if self.sdpa:
            o = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        else:
            a = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(HEAD) + mask
            o = torch.matmul(a.softmax(-1), v)
        o = o.permute(0, 2, 1, 3).reshape(b, s, WIDTH)
        h = self.n1(self.out(o) + h)
        y = self.fc11(h) * F.silu(self.fc12(h))
        return self.n2(self.fc2(y) + h)


class GteLayer(nn.Module):
    """Alibaba-NLP/new-impl: qkv_proj with bias packed, up_gate_proj, rope cached of two halves"""
    def __init__(self, sdpa):
        super().__init__()
        self.sdpa = sdpa
        self.qkv_proj, self.o_proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up_gate_proj, self.down_proj = nn.Linear(WIDTH, 80, bias=False), nn.Linear(40, WIDTH)
        self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, h, mask, rope):
        cos, sin = rope
        shape = h.shape[:-1] + (HEADS, HEAD)
        q, k, v = [x.view(shape) for x in self.qkv_proj(h).split(WIDTH, dim=-1)]
        cos, sin = cos[None, :, None, :], sin[None, :, None, :]
        q = q * cos + rotate_half(q) * sin
        k = k * cos + rotate_half(k) * sin
        if self.sdpa:
            o = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), attn_mask=mask)
            o = o.permute(0, 2, 1, 3).contiguous()
        else:
            q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
            a = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(HEAD) + mask
            o = torch.matmul(a.softmax(-1), v).permute(0, 2, 1, 3).contiguous()
        o = o.view(o.shape[:-2] + (WIDTH,))
        h = self.n1(h + self.o_proj(o))
        up, gate = torch.split(self.up_gate_proj(h), 40, dim=-1)
        return self.n2(h + self.down_proj(F.gelu(gate) * up))


class JinaLayer(nn.Module):
    def __init__(self, sdpa):
        super().__init__()
        self.query, self.key, self.value, self.dense = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.gated, self.wo = nn.Linear(WIDTH, 80, bias=False), nn.Linear(40, WIDTH)
        self.sdpa = sdpa

    def split(self, x):
        return x.view(x.size()[:-1] + (HEADS, HEAD)).permute(0, 2, 1, 3)

    def forward(self, h, mask, bias):
        q, k, v = self.split(self.query(h)), self.split(self.key(h)), self.split(self.value(h))
        if self.sdpa:
            o = F.scaled_dot_product_attention(q, k, v, attn_mask=mask + bias).permute(0, 2, 1, 3).contiguous()
        else:
            a = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(HEAD)
            a = a + mask
            o = torch.matmul((a + bias).softmax(-1), v).permute(0, 2, 1, 3).contiguous()
        o = o.view(o.size()[:-2] + (WIDTH,))
        h = self.n1(self.dense(o) + h)
        x = self.gated(h)
        x = F.gelu(x[:, :, :40]) * x[:, :, 40:]
        return self.n2(self.wo(x) + h)


def alibi(n):
    slopes = torch.tensor([2 ** (-8 * (i + 1) / HEADS) for i in range(HEADS)])
    context = torch.arange(n)[:, None]
    memory = torch.arange(n)[None, :]
    rel = torch.abs(memory - context).unsqueeze(0).expand(HEADS, -1, -1)
    return (slopes.unsqueeze(1).unsqueeze(1) * -rel).unsqueeze(0)


class Own(nn.Module):
    def __init__(self, kind, attention):
        super().__init__()
        sdpa = attention == "sdpa"
        self.kind = kind
        layer = {"nomic": NomicLayer, "gte": GteLayer, "jina": JinaLayer, "jina_table": JinaLayer}[kind]
        self.words, self.types = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(layer(sdpa) for _ in range(2))
        self.rope = Rope(cached=40)
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 3)
        self.register_buffer("alibi", alibi(40), persistent=False)

    def forward(self, input_ids, attention_mask, token_type_ids=None):
        n = input_ids.shape[1]
        if token_type_ids is None: token_type_ids = torch.zeros_like(input_ids)
        h = self.norm(self.words(input_ids) + self.types(token_type_ids))
        mask = (1.0 - attention_mask[:, None, None, :].to(h.dtype)) * torch.finfo(torch.float32).min
        if self.kind.startswith("jina"):
            bias = self.alibi[:, :, :n, :n] if self.kind == "jina_table" else alibi(n)
        for layer in self.layers:
            if self.kind == "nomic": h = layer(h, mask)
            elif self.kind == "gte": h = layer(h, mask, self.rope.tables(n))
            else: h = layer(h, mask, bias)
        return self.classifier(torch.tanh(self.pooler(h[:, 0])))


KINDS = ("nomic", "gte", "jina", "jina_table")


def building(build):
    """models.build() that knows these, too."""

    def with_own(family, attention):
        if family not in KINDS:
            return build(family, attention)
        torch.manual_seed(7)
        model = Own(family, attention).eval()
        models.randomize(model)
        return model
    return with_own
