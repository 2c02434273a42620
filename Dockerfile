# One image for every program of docker-compose.yml.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONPATH=/coverlift/platform:/coverlift
WORKDIR /coverlift

# The CPU build of torch is a tenth of the default one; a GPU image leaves this line out.
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir --no-deps --index-url https://download.pytorch.org/whl/cpu \
        "$(grep '^torch==' requirements.txt)" \
    && pip install --no-cache-dir -r requirements.txt

COPY manage.py ./
COPY platform platform
COPY experiments experiments
COPY thumbnailer thumbnailer
COPY templates templates

RUN useradd --create-home coverlift && install -d -o coverlift var /tmp/figures
USER coverlift
VOLUME /coverlift/var
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "server.wsgi:application", "--host", "0.0.0.0", \
     "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "8", \
     "--respawn-failed-workers"]
