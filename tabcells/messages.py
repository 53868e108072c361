"""Every error of this package: what it says, `…` for what is filled in, and what to do.

`{tabcells-messages}` shows them (`render/tables.py`), in Vietnamese by `locale/`.
"""

MESSAGES = {
    "the cell raised …":
        "Mend the code; if the error is the point, add `:tags: [raises-exception]`",
    "the cell ran over its time limit of … s":
        "Look for an endless loop, or give a longer `:timeout:`",
    "the kernel died":
        "The process ended: too little memory, a crash in a library, a call of `exit`",
    "the kernel did not start …": "See whether the command in `kernel.json` runs in a terminal",
    "the kernel was lost …": "The connection to a gateway ended; see whether the server runs",
    "the folder of the runs, …, can't be used: …":
        "See whether its disk is full, and whether you may write there; what was on record "
        "stays, also that of a tab whose new run did not fit. A folder that can only be read "
        "serves as long as nothing must run",
    "its interpreter … does not answer: …":
        "See whether the Python that `kernel.json` names starts in a terminal",
    "kernel … at the gateway …: …":
        "The message says which it is: the address, the token, or no such kernel there",
    "kernel … at the gateway … is not Python …": "Run this kernel on your machine",
    "the gateway's address must be …":
        "Write the address alone; the token goes into `JUPYTER_GATEWAY_AUTH_TOKEN`",
    "the kernel.json of kernel … can't be read: …":
        "Mend the file; the message says where",
    "the kernel.json of kernel … has to have argv, …":
        "Write `\"argv\": [\"program\", …, \"{connection_file}\"]`",
    "kernel … is not installed, nor in …": "Add `kernels/NAME/kernel.json`, or install the kernel",
    "tab … is not configured …": "Mend the name, or add it to `tabcells_tabs`",
    "the name of the tab is missing; it may be …": "Write one of these names",
    "this cell has :tab: twice; …": "Give each tab a cell of its own, or leave `:tab:` out",
    "a {raw-cell} can't be in a tab; …":
        "Write what it holds into the prose of the tab, behind `+++ {\"tab\": \"name\"}`",
    "one tab has to be named, got …; a cell that names none runs in every kernel of the page":
        "Give each tab a cell of its own, or leave `:tab:` out",
    "the name of a tab is a text, got …; write it in quotes, …":
        "Write `\"tab\": \"3\"`, in the metadata of a notebook's cell too",
    "YAML reads the name of this tab as …":
        "Names such as `on`, `no` or `10` mean something else in YAML: write `:tab: \"on\"`",
    "unknown cell option …": "Mend the name; the message suggests the nearest",
    "timeout … is not a positive number of seconds": "Write a number",
    "a {code-cell} inside another directive, list or quote never runs …":
        "Move the cell to the top level",
    "a {code-cell} between ::: never runs …": "Write ```` ``` ```` in the place of `:::`",
    "this {code-cell} never runs; it has to follow its backticks at once …":
        "Take away the blank before `{code-cell}`",
    "a {code-cell} in a notebook's Markdown never runs …":
        "In a notebook of Jupyter, make it a code cell",
    "a mark `+++` in a notebook's Markdown gives no tab …":
        "In a notebook of Jupyter, write `\"tab\": \"name\"` into the metadata of the cell",
    "a mark `+++` inside another directive, list or quote gives no tab …":
        "Move the mark and its prose to the top level",
    "a mark `+++` gives a tab to prose alone, and here a cell without :tab: follows":
        "Write `:tab:` into the cell, or leave the mark out",
    "an included file can't hold cells, and … has one in line …":
        "Move the cell into the page, or include only the lines around it",
    "an included file can't hold prose of one tab, and … marks some in line …":
        "Move this prose into the page, or include only the lines around it",
    "this page has … but its front matter lacks …": "Add `file_format: mystnb`",
    "not a MyST notebook: …": "Mend the options or the front matter; most often it is bad YAML",
    "… is of type …, got …": "Write a value of that type",
    "there is no … in a front matter; did you mean 'tabcells'?": "Write `tabcells`",
    "there is no setting …": "Mend the name; the message suggests the nearest",
    "… is a dictionary, …": "Write the tabs as in the example above",
    "…: the name of a tab has letters of ASCII, digits, - and _ alone …":
        "Take such a name; what readers see is the `label`",
    "… needs a label and a kernel …": "Give both, in `conf.py`",
    "… has no …": "Mend the name; the message suggests the nearest",
    "…: … is a text, got …": "Write a text between quotation marks",
    "…: packages is a list of names, got …": "Write `[\"name\", …]`, even for one",
    "… is …; it may be …": "Write one of these values",
    "… is a positive number, got …": "Write a number above 0",
    "… can't be filled in …": "Name only what the message lists; write `{{` where you mean a brace",
    "… is the dotted name of a function, …":
        "Write the module and the function, such as `book.show.render`",
    "…: … can't be imported …":
        "Mend the name, or put the folder of the module into `sys.path` in `conf.py`; the message "
        "says what importing it raised",
    "…: … is no function": "Name a function of the module",
    "…, which tabcells_output names, raised …":
        "Mend the function; the message ends with its file and line. It returns a list of outputs",
    "… is the path of a folder, got …": "Write a path, such as `\"kernels\"`",
    "tabcells_kernels: there is no folder … beside conf.py": "Mend the path, or make the folder",
    "nb_custom_formats can't be read by myst-nb: …": "Mend the setting; the message says where",
    "nb_kernel_rgx_aliases gives names of kernels to patterns, …":
        "Write it as in the message, with a text on either side",
    "nb_kernel_rgx_aliases: … is no regular expression: …":
        "Mend the pattern; the message says where",
    "there is no conf.py beside …": "Name a page of a project that has a `conf.py`",
    "the page is not in UTF-8 …": "Save the page as UTF-8",
    "the page has no cell of this tab": "Name a tab that the page uses",
    "the notebook exists already …":
        "Take its edits back by `--back`, then remove it; or write another file by `-o`",
    "not a notebook: …": "See whether it is the file that Jupyter has saved",
    "the notebook was not written from this tab …":
        "Name the tab of the notebook, or write one of this tab",
    "cells are added, removed and moved on the page alone …":
        "Do it on the page, take the other edits back by hand, and write the notebook again",
    "prose is edited on the page alone …":
        "Write the text on the page, and undo it in the notebook",
    "the page has changed here since the notebook was written …":
        "Bring the edit over by hand, then write the notebook again",
    "the notebook's cells have lost their ids, …":
        "A tool that knows no ids has saved it (nbformat 4.4). Add and remove cells on the page, "
        "then write the notebook again",
    "the code of this cell is in the file that :load: names …": "Edit that file",
    "the new code can't stand between these fences …":
        "Give the cell longer fences on the page, or begin its code with a comment",
    "the page is a notebook already …": "Open it in Jupyter; it has the cells of all tabs",
    "myst-nb … has not read this page by tabcells: does source_suffix give .md to another parser?":
        "Leave `.md` to `myst-nb` in `source_suffix`. Without this error all tabs of the page "
        "would be missing",
    "source_suffix gives this file to …, which runs no tabs: …":
        "Write `\".md\": \"myst-nb\"` in `source_suffix`, or leave that suffix out",
    "this notebook can't be read: …": "Open it in Jupyter; what it can't open is broken",
    "… in the front matter is …; it takes names with values …":
        "Write `tabcells: {timeout: 60}`, say, or `mystnb: {execution_mode: 'off'}`",
    "files in the front matter is …; it is a list of patterns, …":
        "Write `tabcells: {files: [\"data/*.csv\"]}`, even for one",
    "no file matches … of files in the front matter …":
        "Mend the pattern, or add the file; patterns begin at the source folder",
    "…: a pattern of pages is a text, …": "Write the name of a page, `*` for any part of it",
    "tabcells in the front matter has no …; it may have …": "Write one of these",
    "execution_mode in the front matter is …; it may be …": "Write one of these",
    "… in the front matter is …; it may be true or false": "Write `true` or `false`",
    "this fence is never closed":
        "In a page of D2L, close it by as many backticks as it opens with",
    "this comment is never closed …": "In a page of D2L, write `-->` where the comment ends",
    "this selection of tabs can't be decided: …":
        "In a page of D2L, write Python that can be parsed, and names between quotation marks "
        "in `tab.selected`",
    "code is not taken back into a page in D2L's dialect …": "Edit the cell on the page",
    "there is neither conf.py nor … beside …":
        "Name a page of a project that has one of these files",
    "…: … is a list of texts, got …": "Write `[\"text\", …]`, even for one",
    "…, which tabcells_d2l reads, can't be read: …": "Mend the file; the message says where",
    "tabcells_d2l: the default tab, …, is not in tabcells_tabs …":
        "Name a tab by `default`, or list that of `config.ini` in `without`",
    "…: links is a list of paths within the source folder, got …":
        "Write paths such as `\"img\"`, without `..`",
    "tabcells_folder: there is no … in the source folder to link to":
        "Mend the name, or make the folder",
    "… takes names with values, such as …; got …": "Write `{\"pattern\": {\"timeout\": 60}}`, say",
}
