/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bert_tbl: encoders that are understood, and what each calls its weights.
 */
/* clang-format off */
#ifdef KIND
/*   kind        model_type      architectures  prefix of weights  positions
 *                                begin with                       begin behind
 *                                                                 the padding */
KIND(BERT,       "bert",         "Bert",        "bert.",           false)
KIND(ROBERTA,    "roberta",      "Roberta",     "roberta.",        true)
KIND(CAMEMBERT,  "camembert",    "Camembert",   "roberta.",        true)
KIND(XLM,        "xlm-roberta",  "XLMRoberta",  "roberta.",        true)
KIND(DISTILBERT, "distilbert",   "DistilBert",  "distilbert.",     false)
#undef KIND
#endif

#ifdef PART
/*   part    of a layer, as most have it   as DistilBERT has it */
PART(QUERY,  "attention.self.query",       "attention.q_lin")
PART(KEY,    "attention.self.key",         "attention.k_lin")
PART(VALUE,  "attention.self.value",       "attention.v_lin")
PART(OUT,    "attention.output.dense",     "attention.out_lin")
PART(NORM1,  "attention.output.LayerNorm", "sa_layer_norm")
PART(UP,     "intermediate.dense",         "ffn.lin1")
PART(DOWN,   "output.dense",               "ffn.lin2")
PART(NORM2,  "output.LayerNorm",           "output_layer_norm")
#undef PART
#endif

#ifdef FACT
/*   member       at most            as most have it            as DistilBERT
 *                                                              has it */
FACT(hidden,      DIMENSIONS_MAX,    "hidden_size",             "dim")
FACT(layers,      BERT_LAYERS_MAX,   "num_hidden_layers",       "n_layers")
FACT(heads,       BERT_HEADS_MAX,    "num_attention_heads",     "n_heads")
FACT(inner,       BERT_INNER_MAX,    "intermediate_size",       "hidden_dim")
FACT(positions,   BERT_POSITIONS_MAX, "max_position_embeddings", "max_position_embeddings")
FACT(vocab,       BERT_VOCAB_MAX,    "vocab_size",              "vocab_size")
#undef FACT
#endif

#ifdef ACT
/*  activation   in config.json */
ACT(GELU,        "gelu")
ACT(GELU_TANH,   "gelu_new")
ACT(GELU_TANH,   "gelu_pytorch_tanh")
ACT(GELU_TANH,   "gelu_fast")
ACT(RELU,        "relu")
#undef ACT
#endif

#ifdef POOLING
/*      pooling  for people  in 1_Pooling/config.json */
POOLING(MEAN,    "mean",     "pooling_mode_mean_tokens")
POOLING(CLS,     "cls",      "pooling_mode_cls_token")
POOLING(MAX,     "max",      "pooling_mode_max_tokens")
#undef POOLING
#endif
/* clang-format on */
