"""The public window: pages that anyone may read, made on the server, whole without JavaScript.

Takes  an archive's folder and settings; requests from strangers.
Gives  pages, pictures and files of what may be public now (`holdings.public_files`), and of nothing else.
Never  writes to the archive, imports the pipeline, fetches anything from another host, or trusts a text: what was read
       in tags, names and folders is cleaned (text.py), escaped (Jinja) and set apart (<bdi>).

    site.py      what every request needs, opened once        app.py     routes, errors, headers put together
    memory.py    what was made for one state of the catalogue  answers.py bytes out: gzip, ETag, 304
    public.py    a release as the public may see it            *_page.py  one module a page: rows → values → template
    text.py, words.py   texts of others; sizes, times, licences in words
    covers.py    pictures for releases that have none          templates/, static/   what people look at
"""
