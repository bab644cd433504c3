/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each set of kernels that runs here against sums in double, in shapes with
 * rests on every side.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "embed/dense.h"
#include "embed/lanes.h"

static const struct shape {
	size_t rows, in, out;
} shapes[] = {
	{ 1, 1, 1 },	 { 1, 32, 32 },	  { 3, 5, 31 },	  { 13, 7, 33 },
	{ 97, 64, 96 },	 { 12, 1030, 40 }, { 25, 512, 64 }, { 200, 36, 108 },
};

static uint32_t random_state = 1;

static float
random_float(void)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (float)(int32_t)random_state / 2147483648.0f;
}

static float *
random_floats(size_t count)
{
	float *floats = mem_array(count, sizeof(*floats));
	size_t i;

	assert_non_null(floats);
	for (i = 0; i < count; i++)
		floats[i] = random_float();
	return floats;
}

struct problem {
	struct shape shape;
	float *x, *weights, *bias, *y;
	double *right;
};

static void
problem_solve(struct problem *problem)
{
	const struct shape *shape = &problem->shape;
	size_t r, c, k;
	double sum;

	for (r = 0; r < shape->rows; r++) {
		for (c = 0; c < shape->out; c++) {
			sum = (double)problem->bias[c];
			for (k = 0; k < shape->in; k++)
				sum += (double)problem->x[r * shape->in + k] *
				    (double)problem->weights[c * shape->in +
					k];
			problem->right[r * shape->out + c] = sum;
		}
	}
}

static void
problem_init(struct problem *problem, const struct shape *shape)
{
	problem->shape = *shape;
	problem->x = random_floats(shape->rows * shape->in);
	problem->weights = random_floats(shape->out * shape->in);
	problem->bias = random_floats(shape->out);
	problem->y = mem_array(shape->rows * shape->out, sizeof(float));
	problem->right = mem_array(shape->rows * shape->out, sizeof(double));
	assert_non_null(problem->y);
	assert_non_null(problem->right);
	problem_solve(problem);
}

static void
problem_fini(struct problem *problem)
{
	mem_free(problem->x);
	mem_free(problem->weights);
	mem_free(problem->bias);
	mem_free(problem->y);
	mem_free(problem->right);
}

/* The largest difference, for each unit that sums have. */
static double
problem_run(struct problem *problem, const struct dense_kernels *kernels,
    enum dense_numbers numbers)
{
	const struct shape *shape = &problem->shape;
	struct dense *dense = dense_new(problem->weights, problem->bias,
	    shape->in, shape->out, numbers);
	double worst = 0, off;
	void *scratch;
	size_t i;

	assert_non_null(dense);
	scratch = mem_alloc(dense_scratch(dense));
	assert_non_null(scratch);
	memset(problem->y, 0xFF, shape->rows * shape->out * sizeof(float));
	dense_run(dense, kernels, problem->x, shape->in, shape->rows,
	    problem->y, shape->out, scratch);
	for (i = 0; i < shape->rows * shape->out; i++) {
		off = fabs((double)problem->y[i] - problem->right[i]) /
		    sqrt((double)shape->in);
		assert_true(off <= 1);
		worst = off > worst ? off : worst;
	}
	assert_true(dense_bytes(dense) >= shape->in * shape->out);
	mem_free(scratch);
	dense_free(dense);
	return worst;
}

static void
test_shapes(void **state)
{
	const struct dense_kernels *kernels;
	struct problem problem;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		problem_init(&problem, &shapes[i]);
		for (k = 0; (kernels = dense_kernels_at(k)) != NULL; k++) {
			assert_true(problem_run(&problem, kernels,
				DENSE_FLOAT32) < 1e-5);
			assert_true(problem_run(&problem, kernels,
				DENSE_INT8) < 1e-2);
		}
		problem_fini(&problem);
	}
	assert_string_equal(dense_kernels_name(dense_kernels_at(0)), "plain");
	assert_non_null(dense_kernels());
}

/* Bytes are summed without rounding, whatever the processor. */
static void
test_bytes_are_the_same(void **state)
{
	const struct dense_kernels *kernels;
	struct problem problem;
	float *first;
	size_t bytes = 97 * 96 * sizeof(float), k;

	(void)state;
	problem_init(&problem, &(struct shape){ 97, 64, 96 });
	/* The largest sums there can be. */
	for (k = 0; k < 64; k++)
		problem.x[k] = problem.weights[k] = 1;
	problem_solve(&problem);
	first = mem_alloc(bytes);
	assert_non_null(first);
	for (k = 0; (kernels = dense_kernels_at(k)) != NULL; k++) {
		(void)problem_run(&problem, kernels, DENSE_INT8);
		if (k == 0)
			memcpy(first, problem.y, bytes);
		assert_memory_equal(first, problem.y, bytes);
	}
	mem_free(first);
	problem_fini(&problem);
}

/* y = x M, from the columns of M, in a part of a wider matrix. */
static void
test_columns(void **state)
{
	const size_t rows = 7, in = 9, out = 40, ld = 50;
	float *m = random_floats(in * ld), *x = random_floats(rows * in);
	float *panels = mem_array(dense_packed(in, out), sizeof(float));
	float *y = random_floats(rows * ld);
	float border = y[out];
	double sum;
	size_t r, c, k;

	(void)state;
	assert_non_null(panels);
	dense_pack_columns(m, ld, in, out, panels);
	dense_multiply(NULL, x, in, rows, panels, NULL, in, out, y, ld);
	for (r = 0; r < rows; r++) {
		for (c = 0; c < out; c++) {
			sum = 0;
			for (k = 0; k < in; k++)
				sum += (double)x[r * in + k] *
				    (double)m[k * ld + c];
			assert_true(fabs((double)y[r * ld + c] - sum) < 1e-5);
		}
	}
	assert_true(y[out] == border);
	mem_free(m);
	mem_free(x);
	mem_free(panels);
	mem_free(y);
}

/* What is not finite stays so, also as bytes. */
static void
test_not_finite(void **state)
{
	const float bad[2] = { NAN, INFINITY };
	const struct dense_kernels *kernels;
	struct problem problem;
	enum dense_numbers numbers;
	struct dense *dense;
	void *scratch;
	size_t i, k, c;

	(void)state;
	problem_init(&problem, &(struct shape){ 1, 12, 5 });
	for (i = 0; i < 4; i++) {
		numbers = i < 2 ? DENSE_FLOAT32 : DENSE_INT8;
		problem.x[i] = bad[i % 2];
		dense = dense_new(problem.weights, problem.bias, 12, 5,
		    numbers);
		assert_non_null(dense);
		scratch = mem_alloc(dense_scratch(dense));
		for (k = 0; (kernels = dense_kernels_at(k)) != NULL; k++) {
			dense_run(dense, kernels, problem.x, 12, 1,
			    problem.y, 5, scratch);
			for (c = 0; c < 5; c++)
				assert_true(!isfinite(problem.y[c]));
		}
		problem.x[i] = 0;
		mem_free(scratch);
		dense_free(dense);
	}
	problem_fini(&problem);
}

static void
test_limits(void **state)
{
	const float one = 1;
	unsigned long nth;
	struct dense *dense;

	(void)state;
	assert_null(dense_new(&one, NULL, 0, 1, DENSE_FLOAT32));
	assert_null(dense_new(&one, NULL, 1, 0, DENSE_FLOAT32));
	assert_null(dense_new(&one, NULL, DENSE_IN_MAX + 1, 1,
	    DENSE_FLOAT32));
	assert_null(dense_new(&one, NULL, 1, DENSE_OUT_MAX + 1, DENSE_INT8));
	for (nth = 1; nth < 20; nth++) {
		mem_fail_at(nth);
		dense = dense_new(&one, NULL, 1, 1, DENSE_INT8);
		mem_fail_at(0);
		if (dense != NULL)
			break;
	}
	assert_in_range(nth, 2, 19);
	dense_free(dense);
}

/* ---- lanes -------------------------------------------------------------- */

static double
gelu(double x)
{
	return x / 2 * (1 + erf(x / sqrt(2)));
}

static double
gelu_tanh(double x)
{
	return x / 2 * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

static void
test_activations(void **state)
{
	float x[13], y[13];
	double v;
	int i, k;

	(void)state;
	for (i = -2000; i <= 2000; i += 13) {
		for (k = 0; k < 13; k++)
			x[k] = (float)(i + k) / 100;
		memcpy(y, x, sizeof(x));
		lanes_gelu(y, 13);
		for (k = 0; k < 13; k++) {
			v = (double)x[k];
			assert_true(fabs((double)y[k] - gelu(v)) <
			    1e-6 * (1 + fabs(v)));
		}
		memcpy(y, x, sizeof(x));
		lanes_gelu_tanh(y, 13);
		for (k = 0; k < 13; k++) {
			v = (double)x[k];
			assert_true(fabs((double)y[k] - gelu_tanh(v)) <
			    1e-6 * (1 + fabs(v)));
		}
		memcpy(y, x, sizeof(x));
		lanes_relu(y, 13);
		for (k = 0; k < 13; k++)
			assert_true(y[k] == (x[k] > 0 ? x[k] : 0));
	}
	x[0] = NAN;
	lanes_gelu(x, 1);
	assert_true(isnan(x[0]));
}

static void
test_softmax(void **state)
{
	float x[40], y[40];
	double sum;
	size_t count, i;

	(void)state;
	for (count = 1; count <= 40; count++) {
		for (i = 0; i < count; i++)
			x[i] = random_float() * 30;
		memcpy(y, x, sizeof(x));
		lanes_softmax(y, count, 0.5f);
		sum = 0;
		for (i = 0; i < count; i++)
			sum += exp((double)x[i] / 2);
		for (i = 0; i < count; i++)
			assert_true(fabs((double)y[i] -
				exp((double)x[i] / 2) / sum) < 1e-6);
	}
	/* Large ones do not overflow. */
	x[0] = 3e38f;
	x[1] = -3e38f;
	x[2] = 3e38f;
	lanes_softmax(x, 3, 1);
	assert_true(x[0] == 0.5f && x[1] < 1e-30f && x[2] == 0.5f);
}

static void
test_norm(void **state)
{
	float x[20], more[20], y[20], weight[20], bias[20];
	double mean, variance, right;
	size_t count, i;

	(void)state;
	for (count = 1; count <= 20; count++) {
		mean = variance = 0;
		for (i = 0; i < count; i++) {
			x[i] = random_float() + 5;
			more[i] = random_float();
			weight[i] = random_float();
			bias[i] = random_float();
			mean += (double)x[i] + (double)more[i];
		}
		mean /= (double)count;
		for (i = 0; i < count; i++)
			variance += pow((double)x[i] + (double)more[i] -
				mean, 2);
		variance /= (double)count;
		memcpy(y, x, sizeof(x));
		lanes_norm(y, more, count, weight, bias, 1e-3f);
		for (i = 0; i < count; i++) {
			right = ((double)x[i] + (double)more[i] - mean) /
				sqrt(variance + 1e-3) * (double)weight[i] +
			    (double)bias[i];
			assert_true(fabs((double)y[i] - right) < 1e-4);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_bytes_are_the_same),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_not_finite),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_activations),
		cmocka_unit_test(test_softmax),
		cmocka_unit_test(test_norm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
