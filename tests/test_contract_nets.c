/* The promises of contract_learners.h for the nets. */
#include "tests/contract_learners.h"

int main(int argc, char **argv)
{
	return contract_learners(true, argc, argv);
}
