"""How far a long errand is, for whoever waits at a terminal: on stderr, and nowhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Watch = Callable[[str, int], None]
"""Takes the name of a book and how many of its payments were read."""


@contextmanager
def watched(console: Console) -> Iterator[Watch]:
    """Show one line for each book; show nothing unless `console` is a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:>12,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks = {}

        def watch(book: str, count: int) -> None:
            if book not in tasks:
                tasks[book] = progress.add_task(book, total=None)
            progress.update(tasks[book], completed=count)

        yield watch
