-- What the run that ends began with. Primary key.
SELECT input FROM jobs WHERE id = $1
