# Two images: `web` for pages, feed, events, the clock and commands; `making` with torch, for workers.
FROM python:3.11-slim AS base

ENV PYTHONUNBUFFERED=1 PYTHONPATH=/coverlift/platform:/coverlift
WORKDIR /coverlift
RUN useradd --uid 1000 --create-home coverlift && install -d -o coverlift var /tmp/figures
VOLUME /coverlift/var

# The packages are built away from the images: pip's caches and files stay here.
FROM base AS web-packages
# SCALE=1 adds what an event log and ClickHouse need (docs/scaling.md).
ARG SCALE=
COPY requirements-web.lock requirements-scale.lock ./
RUN python -m venv /packages \
    && /packages/bin/pip install --no-cache-dir --no-deps --require-hashes \
        -r requirements-web.lock ${SCALE:+-r requirements-scale.lock}

# The CPU build of torch is a tenth of the default one; TORCH_INDEX= takes the default one, for GPUs.
FROM web-packages AS making-packages
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY requirements.txt requirements-web.txt requirements.lock constraints.txt ./
RUN if [ -n "$TORCH_INDEX" ]; then \
        /packages/bin/pip install --no-cache-dir --no-deps --index-url "$TORCH_INDEX" \
            "$(grep '^torch==' requirements.txt)"; \
    else \
        /packages/bin/pip install --no-cache-dir "$(grep '^torch==' requirements.txt)"; \
    fi \
    && /packages/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM base AS web
COPY --from=web-packages /packages /packages
ENV PATH=/packages/bin:$PATH
COPY manage.py ./
COPY platform platform
COPY experiments experiments
COPY templates templates
# What is known of each model, in words: pages say it. The models themselves are the workers'.
COPY thumbnailer/weights/*.md thumbnailer/weights/
COPY docs/glossary.md docs/glossary.md
USER 1000
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "server.wsgi:application", "--host", "0.0.0.0", \
     "--port", "8000", "--no-ws", "--log-level", "warning", "--workers", "2", \
     "--blocking-threads", "8", "--respawn-failed-workers"]

FROM base AS making
COPY --from=making-packages /packages /packages
ENV PATH=/packages/bin:$PATH
COPY manage.py ./
COPY platform platform
COPY experiments experiments
COPY thumbnailer thumbnailer
COPY templates templates
COPY docs/glossary.md docs/glossary.md
USER 1000
CMD ["celery", "-A", "server.celery", "worker", "--without-gossip", "--without-mingle", \
     "--without-heartbeat"]
