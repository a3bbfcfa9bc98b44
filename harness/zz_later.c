/* Stands in, weakly and last in the archive, for what has not landed yet; goes
 * away with the last of them. */
#include "harness/cli.h"
__attribute__((weak)) int cli_board(struct cli *c, int n, char **v)
{
	(void)c, (void)n, (void)v;
	return EXIT_BUG;
}
__attribute__((weak)) int cli_status(struct cli *c, int n, char **v)
{
	(void)c, (void)n, (void)v;
	return EXIT_BUG;
}
__attribute__((weak)) int cli_list(struct cli *c, int n, char **v)
{
	(void)c, (void)n, (void)v;
	return EXIT_BUG;
}
__attribute__((weak)) int cli_info(struct cli *c, int n, char **v)
{
	(void)c, (void)n, (void)v;
	return EXIT_BUG;
}
__attribute__((weak)) int cli_fetch(struct cli *c, int n, char **v)
{
	(void)c, (void)n, (void)v;
	return EXIT_BUG;
}
__attribute__((weak)) int cli_doctor(struct cli *c, int n, char **v)
{
	(void)c, (void)n, (void)v;
	return EXIT_BUG;
}
