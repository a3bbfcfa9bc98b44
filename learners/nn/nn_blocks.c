/* Blocks with norms before their parts: what is added to the stream passes through
 * no norm, so gradients reach the first block as they are (Xiong et al. 2020). */
#include "learners/nn/nn_blocks.h"

/* Entries of the chain that a block takes at most, and what stands around. */
#define BLOCK_ENTRIES 16
#define OTHER_ENTRIES 8

const char *const nn_pool_names[] = { "mean", "first", NULL };

int nn_blocks_check(int64_t width, int64_t heads, int64_t blocks, struct error *err)
{
	if (width % heads)
		return error_set(err, ERR_CONFIG,
				 "width %lld is no multiple of heads %lld",
				 (long long)width, (long long)heads);
	if (blocks * BLOCK_ENTRIES + OTHER_ENTRIES > NN_LAYERS_MAX)
		return error_set(err, ERR_CONFIG, "layers %lld: at most %d fit",
				 (long long)blocks,
				 (NN_LAYERS_MAX - OTHER_ENTRIES) / BLOCK_ENTRIES);
	return 0;
}

void nn_blocks_drop(struct nn_net *net, double rate)
{
	if (rate > 0.0)
		nn_net_add(net, (struct nn_layer){ .type = &nn_dropout,
						   .rate = rate });
}

static void add_attention(struct nn_net *net, const struct nn_block *b)
{
	nn_net_fork(net);
	if (!b->raw)
		nn_net_add(net, (struct nn_layer){ .type = &nn_layer_norm });
	nn_net_add(net, (struct nn_layer){ .type = &nn_attention,
					   .heads = b->heads,
					   .rate = b->attention_rate });
	nn_blocks_drop(net, b->rate);
	nn_net_next(net);
	nn_net_join(net);
}

void nn_blocks_add(struct nn_net *net, const struct nn_block *b)
{
	size_t width = net->out.channels;

	add_attention(net, b);
	if (b->pool)
		nn_net_add(net, (struct nn_layer){ .type = &nn_token_first });
	nn_net_fork(net);
	nn_net_add(net, (struct nn_layer){ .type = &nn_layer_norm });
	nn_net_add(net, (struct nn_layer){
				.type = &nn_linear, .each = true,
				.units = b->reglu ? 2 * b->hidden : b->hidden });
	nn_net_add(net, (struct nn_layer){
				.type = b->reglu ? &nn_reglu : &nn_gelu });
	nn_blocks_drop(net, b->hidden_rate);
	nn_net_add(net, (struct nn_layer){ .type = &nn_linear, .each = true,
					   .units = width, .gain = 1.0 });
	nn_blocks_drop(net, b->rate);
	nn_net_next(net);
	nn_net_join(net);
}
