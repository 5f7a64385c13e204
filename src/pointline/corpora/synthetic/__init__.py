"""The project's own sample data: made from templates at run time, in three languages and four kinds of task."""
