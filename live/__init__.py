"""`make live`: the built book, served on this machine so that its cells run there.

Jupyter's server (`server`) has the pages with a script in their heads (`pages`), and of the kernels
those of the book's tabs (`kernels`).  In the page `static/live.js` gives each cell its buttons;
what it and a kernel say to each other is the work of @jupyterlab/services (`static/vendor/`).
"""
