/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight numbers at a time, in the compiler's own vectors: one source for all
 * processors.  Each function is there twice, once for AVX2; the plain one is
 * what that instruction set's absence leaves.
 *
 * Functions of eight numbers take their place in memory, not a vector, as how
 * vectors are given depends on the processor; they are inlined everywhere.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "embed/dense.h"
#include "embed/lanes.h"

#define WIDE 8u

typedef float eight __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t eight_int
    __attribute__((vector_size(32), aligned(1), may_alias));

#define INLINED static inline __attribute__((always_inline))

/* Twice each: name_any() is inlined into both. */
#if defined(__x86_64__) && defined(__GNUC__)
#define AVX2 __attribute__((target("avx2,fma")))
#define BOTH(type, name, parameters, arguments)              \
	AVX2 static type name##_avx2 parameters              \
	{                                                    \
		return name##_any arguments;                 \
	}                                                    \
	type name parameters                                 \
	{                                                    \
		return __builtin_cpu_supports("avx2") &&     \
			__builtin_cpu_supports("fma")        \
			? name##_avx2 arguments              \
			: name##_any arguments;              \
	}
#else
#define BOTH(type, name, parameters, arguments) \
	type name parameters                    \
	{                                       \
		return name##_any arguments;    \
	}
#endif

/* ---- eight numbers ------------------------------------------------------ */

INLINED eight *
at(float *x, size_t i)
{
	return (eight *)(void *)(x + i);
}

INLINED const eight *
of(const float *x, size_t i)
{
	return (const eight *)(const void *)(x + i);
}

/* A number is in the lanes where the mask is all ones, else the other. */
#define PICK(mask, a, b) \
	((eight)(((mask) & (eight_int)(a)) | (~(mask) & (eight_int)(b))))

/*
 * x = e^x: 2 to the whole part of x / ln 2 is made of its bits, and the rest,
 * within +-0.35, goes through Taylor's sum.  Within 2e-7 of the value.
 */
INLINED void
exp_eight(eight *x)
{
	/* Added and taken off again, it rounds to a whole number. */
	const eight magic = (eight){0} + 12582912.0f;
	eight v = *x, whole, sum;
	eight_int bits;

	v = PICK(v < -87.0f, (eight){0} - 87.0f, v);
	v = PICK(v > 88.0f, (eight){0} + 88.0f, v);
	whole = v * 1.44269504f + magic;
	bits = (eight_int)whole - (eight_int)magic;
	whole -= magic;
	/* ln 2 in two parts, the first of which is exact. */
	v -= whole * 0.693359375f;
	v -= whole * -2.12194440e-4f;
	sum = v * (1.0f / 5040) + 1.0f / 720;
	sum = sum * v + 1.0f / 120;
	sum = sum * v + 1.0f / 24;
	sum = sum * v + 1.0f / 6;
	sum = sum * v + 0.5f;
	sum = sum * v * v + v + 1.0f;
	*x = sum * (eight)((bits + 127) << 23);
}

/* erf by Abramowitz and Stegun, 7.1.26: within 1.5e-7. */
INLINED void
gelu_eight(eight *x)
{
	const eight_int sign = (eight_int){0} + INT32_MIN;
	eight v = *x, z, t, sum, power;
	eight_int negative;

	negative = (eight_int)v & sign;
	z = (eight)((eight_int)v & ~sign) * 0.70710678f;
	t = 1.0f / (1.0f + 0.3275911f * z);
	sum = t * 1.061405429f - 1.453152027f;
	sum = sum * t + 1.421413741f;
	sum = sum * t - 0.284496736f;
	sum = sum * t + 0.254829592f;
	power = -z * z;
	exp_eight(&power);
	sum = 1.0f - sum * t * power;
	*x = 0.5f * v * (1.0f + (eight)((eight_int)sum | negative));
}

/* tanh y = 1 - 2 / (e^2y + 1) */
INLINED void
gelu_tanh_eight(eight *x)
{
	eight v = *x, power;

	power = 2 * 0.79788456f * (v + 0.044715f * v * v * v);
	exp_eight(&power);
	*x = 0.5f * v * (2.0f - 2.0f / (power + 1.0f));
}

INLINED void
relu_eight(eight *x)
{
	*x = PICK(*x > 0.0f, *x, (eight){0});
}

/* Of numbers that are not a multiple of eight the last go through a copy. */
#define EACH(name)                                                 \
	INLINED void lanes_##name##_any(float *x, size_t count)    \
	{                                                          \
		float last[WIDE] = {0};                            \
		size_t i;                                          \
                                                                   \
		for (i = 0; i + WIDE <= count; i += WIDE)          \
			name##_eight(at(x, i));                    \
		memcpy(last, x + i, (count - i) * sizeof(*x));     \
		name##_eight(at(last, 0));                         \
		memcpy(x + i, last, (count - i) * sizeof(*x));     \
	}                                                          \
	BOTH(void, lanes_##name, (float *x, size_t count), (x, count))

EACH(gelu)
EACH(gelu_tanh)
EACH(relu)

/* ---- rows --------------------------------------------------------------- */

INLINED float
sum_of(const eight *sums)
{
	const eight s = *sums;

	return ((s[0] + s[4]) + (s[1] + s[5])) +
	    ((s[2] + s[6]) + (s[3] + s[7]));
}

INLINED float
most_of(const float *x, size_t count, bool absolute)
{
	const eight_int rest = (eight_int){0} + INT32_MAX;
	const eight_int mask = absolute ? rest : ~(eight_int){0};
	float most = absolute ? 0 : x[0], one;
	eight all = (eight){0} + most, v;
	size_t i;

	for (i = 0; i + WIDE <= count; i += WIDE) {
		v = (eight)((eight_int)*of(x, i) & mask);
		all = PICK(v > all, v, all);
	}
	for (; i < count; i++) {
		one = absolute ? fabsf(x[i]) : x[i];
		most = one > most ? one : most;
	}
	for (i = 0; i < WIDE; i++)
		most = all[i] > most ? all[i] : most;
	return most;
}

INLINED void
lanes_softmax_any(float *x, size_t count, float scale)
{
	float most, sum, last[WIDE];
	eight sums = {0}, v;
	size_t i, whole = count - count % WIDE;

	if (count == 0)
		return;
	most = most_of(x, count, false);
	for (i = 0; i < whole; i += WIDE) {
		v = (*of(x, i) - most) * scale;
		exp_eight(&v);
		*at(x, i) = v;
		sums += v;
	}
	for (i = 0; i < WIDE; i++)
		last[i] = whole + i < count ? (x[whole + i] - most) * scale
					    : 0;
	exp_eight(at(last, 0));
	sum = sum_of(&sums);
	for (i = 0; whole + i < count; i++) {
		x[whole + i] = last[i];
		sum += last[i];
	}
	for (i = 0; i < whole; i += WIDE)
		*at(x, i) *= 1.0f / sum;
	for (; i < count; i++)
		x[i] *= 1.0f / sum;
}
BOTH(void, lanes_softmax, (float *x, size_t count, float scale),
    (x, count, scale))

INLINED void
lanes_norm_any(float *x, const float *more, size_t count, const float *weight,
    const float *bias, float epsilon)
{
	eight sums = {0}, squares = {0}, v;
	float mean, variance, scale, rest = 0;
	size_t i, whole = count - count % WIDE;

	for (i = 0; i < whole; i += WIDE) {
		if (more != NULL)
			*at(x, i) += *of(more, i);
		sums += *of(x, i);
	}
	for (; i < count; i++) {
		x[i] += more != NULL ? more[i] : 0;
		rest += x[i];
	}
	mean = (sum_of(&sums) + rest) / (float)count;
	rest = 0;
	for (i = 0; i < whole; i += WIDE) {
		v = *of(x, i) - mean;
		squares += v * v;
	}
	for (; i < count; i++)
		rest += (x[i] - mean) * (x[i] - mean);
	variance = (sum_of(&squares) + rest) / (float)count;
	scale = 1.0f / sqrtf(variance + epsilon);
	for (i = 0; i < whole; i += WIDE)
		*at(x, i) = (*of(x, i) - mean) * scale * *of(weight, i) +
		    *of(bias, i);
	for (; i < count; i++)
		x[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}
BOTH(void, lanes_norm,
    (float *x, const float *more, size_t count, const float *weight,
	const float *bias, float epsilon),
    (x, more, count, weight, bias, epsilon))

/* ---- bytes -------------------------------------------------------------- */

/* Added and taken off again, it rounds to a whole number, of either sign, whose
 * lowest bits are those of the sum. */
INLINED void
bytes_eight(const eight *x, float turned, eight_int *ret_whole)
{
	const eight magic = (eight){0} + 12582912.0f;

	*ret_whole = ((eight_int)(*x * turned + magic) -
	    (eight_int)magic + 128) & 255;
}

INLINED float
lanes_bytes_any(const float *x, size_t count, uint8_t *bytes)
{
	float most = most_of(x, count, true), scale, turned;
	float last[LANES_BLOCK] = {0};
	eight_int a, b, c, d;
	eight poison = {0};
	const float *from;
	size_t i, k;

	_Static_assert(LANES_BLOCK == 4 * WIDE, "four bytes of an integer");
	scale = most > 0 ? most / DENSE_BYTE_MAX : 1;
	turned = 1.0f / scale;
	for (i = 0; i < count; i += LANES_BLOCK) {
		from = x + i;
		if (count - i < LANES_BLOCK) {
			memcpy(last, from, (count - i) * sizeof(*x));
			from = last;
		}
		bytes_eight(of(from, 0), turned, &a);
		bytes_eight(of(from, WIDE), turned, &b);
		bytes_eight(of(from, 2 * WIDE), turned, &c);
		bytes_eight(of(from, 3 * WIDE), turned, &d);
		*(eight_int *)(void *)(bytes + i) =
		    a | b << 8 | c << 16 | d << 24;
		for (k = 0; k < LANES_BLOCK; k += WIDE)
			poison += *of(from, k) * 0.0f;
	}
	/* What is not finite is no byte: the scale says so to all sums. */
	return scale + sum_of(&poison);
}
BOTH(float, lanes_bytes, (const float *x, size_t count, uint8_t *bytes),
    (x, count, bytes))

INLINED void
lanes_scale_any(const int32_t *sums, float scale, const float *scales,
    const float *bias, float *y)
{
	eight_int whole;
	size_t i;

	for (i = 0; i < DENSE_PANEL; i += WIDE) {
		whole = *(const eight_int *)(const void *)(sums + i);
		*at(y, i) = __builtin_convertvector(whole, eight) * scale *
		    *of(scales, i) + *of(bias, i);
	}
}
BOTH(void, lanes_scale,
    (const int32_t *sums, float scale, const float *scales, const float *bias,
	float *y),
    (sums, scale, scales, bias, y))
