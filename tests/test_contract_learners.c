/* The promises of contract_learners.h for trees, kernels, linear models and
 * baselines: all that are no nets. */
#include "tests/contract_learners.h"

int main(int argc, char **argv)
{
	return contract_learners(false, argc, argv);
}
