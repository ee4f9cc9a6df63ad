"""The reference's modules in plain torch.nn: the same tree, so the same names and shapes in state_dict(), and the same maths.

B images, N patch tokens, S slots, C width. Evaluation only: no dropout, no drop path, no initialisation of its own.
"""

import torch
import torch.nn.functional as F
from torch import nn

GLOBAL = "backbone-global_fn-global_proj"
OBJECTS_THEN_GLOBAL = "backbone-obj_fn(-global_fn-global_proj)-obj_proj"
ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}


class Mlp(nn.Module):
    def __init__(self, c, hidden, activation="gelu", out_bias=True):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(c, hidden), nn.Linear(hidden, c, bias=out_bias)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x):
        return self.fc2(self.activation(self.fc1(x)))


def heads_of(x, parts, heads):
    """[B, L, parts * C] -> parts times [B, heads, L, d]"""
    b, length, _ = x.shape
    return x.view(b, length, parts, heads, -1).permute(2, 0, 3, 1, 4).unbind(0)


def attend(scores, v):
    """[B, heads, Q, K], [B, heads, K, d] -> [B, Q, C]"""
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)


def out_projection(c):
    # the reference has a rearrangement in place 0
    return nn.Sequential(nn.Identity(), nn.Linear(c, c))


class SelfAttention(nn.Module):
    """Not scaled, as in the reference."""

    def __init__(self, c, heads):
        super().__init__()
        self.heads = heads
        self.proj_qkv = nn.Sequential(nn.Linear(c, 3 * c, bias=False))
        self.proj_out = out_projection(c)

    def forward(self, x):
        q, k, v = heads_of(self.proj_qkv(x), 3, self.heads)
        return self.proj_out(attend(q @ k.mT, v))


class CrossAttention(nn.Module):
    def __init__(self, c, heads):
        super().__init__()
        self.heads = heads
        self.proj_q = nn.Sequential(nn.Linear(c, c, bias=False))
        self.proj_kv = nn.Sequential(nn.Linear(c, 2 * c, bias=False))
        self.proj_out = out_projection(c)

    def forward(self, x, context):
        (q,) = heads_of(self.proj_q(x), 1, self.heads)
        k, v = heads_of(self.proj_kv(context), 2, self.heads)
        return self.proj_out(attend(q @ k.mT / q.shape[-1] ** 0.5, v))


class SelfAttentionBlock(nn.Module):
    def __init__(self, c, heads, mlp_ratio):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(c), SelfAttention(c, heads)
        self.norm2, self.mlp = nn.LayerNorm(c), Mlp(c, round(c * mlp_ratio))

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class CrossAttentionBlock(nn.Module):
    def __init__(self, c, heads, mlp_ratio):
        super().__init__()
        self.norm1, self.self_attn = nn.LayerNorm(c), SelfAttention(c, heads)
        self.norm2, self.cross_attn = nn.LayerNorm(c), CrossAttention(c, heads)
        self.norm3, self.mlp = nn.LayerNorm(c), Mlp(c, round(c * mlp_ratio))

    def forward(self, x, context):
        x = x + self.self_attn(self.norm1(x))
        x = x + self.cross_attn(self.norm2(x), context)
        return x + self.mlp(self.norm3(x))


class Positions(nn.Module):
    def __init__(self, n, c):
        super().__init__()
        self.embed = nn.Parameter(torch.empty(n, c))

    def forward(self, x):
        return x + self.embed


class PatchEmbed(nn.Module):
    def __init__(self, c, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, c, patch, stride=patch)

    def forward(self, images):
        return self.proj(images).flatten(2).mT


class ViT(nn.Module):
    def __init__(self, pos_embed, *, patch_size, embed_dim, num_layers, num_heads, mlp_ratio, global_pool, every_layer):
        super().__init__()
        self.patch_emb = PatchEmbed(embed_dim, tuple(patch_size))
        self.pos_embed, self.every_layer = pos_embed, every_layer
        blocks = [SelfAttentionBlock(embed_dim, num_heads, mlp_ratio) for _ in range(num_layers)]
        self.attn_blocks = nn.ModuleList(blocks)
        self.cls_token = nn.Parameter(torch.empty(embed_dim)) if global_pool == "cls" else None

    def forward(self, images):
        """[B, 3, H, W] -> pooled [B, C], patch tokens [B, N, C]"""
        x = self.patch_emb(images)
        n = x.shape[1]
        if self.cls_token is not None:
            x = torch.cat([self.cls_token.expand(len(x), 1, -1), x], 1)
        for i, block in enumerate(self.attn_blocks):
            if i == 0 or self.every_layer:
                x = torch.cat([x[:, :-n], self.pos_embed(x[:, -n:])], 1)
            x = block(x)
        patches = x[:, -n:]
        return (patches.mean(1) if self.cls_token is None else x[:, 0]), patches


class SlotAttention(nn.Module):
    def __init__(self, pos_embed, c, hidden, num_iters):
        super().__init__()
        self.num_iters, self.pos_embed = num_iters, pos_embed
        self.to_q, self.to_k, self.to_v = (nn.Linear(c, c, bias=False) for _ in range(3))
        self.gru = nn.GRUCell(c, c)
        self.mlp = nn.Sequential(nn.Linear(c, hidden), nn.ReLU(), nn.Linear(hidden, c))
        self.norm_input, self.norm_slots, self.norm_pre_ff = (nn.LayerNorm(c) for _ in range(3))

    def forward(self, slots, tokens):
        tokens = self.norm_input(self.pos_embed(tokens))
        k, v = self.to_k(tokens), self.to_v(tokens)
        for _ in range(self.num_iters):
            q = self.to_q(self.norm_slots(slots)) / slots.shape[-1] ** 0.5
            attention = (q @ k.mT).softmax(-2) + 1e-8
            updates = attention / attention.sum(-1, keepdim=True) @ v
            slots = self.gru(updates.flatten(0, 1), slots.flatten(0, 1)).view_as(slots)
            slots = slots + self.mlp(self.norm_pre_ff(slots))
        return slots


class CrossAttentionDecoder(nn.Module):
    def __init__(self, pos_embed, c, heads, layers, mlp_ratio):
        super().__init__()
        self.pos_embed, self.inputs_norm = pos_embed, nn.LayerNorm(c)
        self.attn_blocks = nn.ModuleList([CrossAttentionBlock(c, heads, mlp_ratio) for _ in range(layers)])

    def forward(self, slots, tokens):
        context = self.inputs_norm(self.pos_embed(tokens))
        for block in self.attn_blocks:
            slots = block(slots, context)
        return slots


class LearnedQueries(nn.Module):
    def __init__(self, c, num_objects):
        super().__init__()
        self.tokens = nn.Parameter(torch.empty(num_objects, c))

    def forward(self, tokens, draws):
        return self.tokens.expand(len(tokens), -1, -1)


class SampledQueries(nn.Module):
    def __init__(self, c, num_components):
        super().__init__()
        self.mu, self.log_sigma = (nn.Parameter(torch.empty(num_components, c)) for _ in range(2))

    def forward(self, tokens, draws):
        """`draws["noise"]`: [B, S, C], `draws["component_idx"]`: [B, S], all 0 where it is not given"""
        noise = draws["noise"]
        k = draws.get("component_idx", torch.zeros(noise.shape[:2])).long()
        return self.mu[k] + self.log_sigma[k].exp() * noise


class GivenQueries(nn.Module):
    """Centroids of k-means, `draws["queries"]` [B, S, C]: no parameters, and their start is drawn."""

    def forward(self, tokens, draws):
        return draws["queries"]


class Model(nn.Module):
    """Of a config's `model` (and `data.crop_size`), as osc writes it and the fixtures have it."""

    def __init__(self, config, crop_size):
        super().__init__()
        backbone, self.architecture = config["backbone"], config["architecture"]
        c, patch = backbone["embed_dim"], backbone["patch_size"]
        n = (crop_size[0] // patch[0]) * (crop_size[1] // patch[1])
        positions = Positions(n, c) if backbone["pos_embed"] == "learned" else nn.Identity()
        names = ("patch_size", "embed_dim", "num_layers", "num_heads", "mlp_ratio", "global_pool")
        chosen = {name: backbone[name] for name in names}
        self.backbone = ViT(positions, every_layer=backbone["pos_embed_every_layer"], **chosen)
        self.global_fn = Mlp(c, round(c * config["global_fn"]["hidden_mult"]), config["global_fn"]["activation"])
        projection = config["global_proj"]
        self.global_proj = Mlp(c, round(c * projection["hidden_mult"]), projection["activation"], out_bias=False)
        if self.architecture == GLOBAL:
            return
        self.obj_queries = queries_of(config["obj_queries"], c)
        self.obj_fn = obj_fn_of(config["obj_fn"], c, n, positions)
        # the reference's hidden layer is of 4C whatever the config says
        self.obj_proj = Mlp(c, 4 * c, config["obj_proj"]["activation"], out_bias=False)

    def forward(self, images, draws):
        pooled, f_backbone = self.backbone(images)
        outputs = {"f_backbone": f_backbone}
        if self.architecture != GLOBAL:
            f_slots = self.obj_fn(self.obj_queries(f_backbone, draws), f_backbone)
            outputs |= {"f_slots": f_slots, "p_slots": self.obj_proj(f_slots)}
            if self.architecture == OBJECTS_THEN_GLOBAL:
                pooled = f_slots.mean(1)
        f_global = self.global_fn(pooled)
        return outputs | {"f_global": f_global, "p_global": self.global_proj(f_global)}


def queries_of(config, c):
    if config["name"] == "learned":
        return LearnedQueries(c, config["num_objects"])
    if config["name"] == "sample":
        return SampledQueries(c, config["num_components"])
    return GivenQueries()


def obj_fn_of(config, c, n, of_backbone):
    kinds = {"backbone": lambda: of_backbone, "learned": lambda: Positions(n, c), None: nn.Identity}
    pos_embed = kinds[config["pos_embed"]]()
    if config["name"] == "slot-attention":
        return SlotAttention(pos_embed, c, round(c * config["hidden_mult"]), config["num_iters"])
    return CrossAttentionDecoder(pos_embed, c, config["num_heads"], config["num_layers"], config["mlp_ratio"])
