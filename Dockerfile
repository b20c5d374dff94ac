# article20 as an image: built in one stage, run in another that holds neither compiler nor source.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements requirements
RUN python -m venv /srv/article20 \
    && pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/build.lock \
    && /srv/article20/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        -r requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY domain domain
COPY projections projections
COPY infra infra
COPY services services
COPY data data
RUN python -m hatchling build -t wheel -d dist \
    && /srv/article20/bin/pip install --no-cache-dir --no-index --no-deps dist/*.whl \
    && /srv/article20/bin/python -m infra.outlines

FROM python:3.13-slim
RUN useradd --uid 10020 --user-group --create-home --shell /usr/sbin/nologin article20
COPY --from=build /srv/article20 /srv/article20
ENV PATH=/srv/article20/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ARTICLE20_HOST=0.0.0.0 \
    ARTICLE20_PORT=8020
USER 10020:10020
WORKDIR /home/article20
EXPOSE 8020
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8020/healthz', timeout=4)"]
ENTRYPOINT ["article20"]
CMD ["serve"]
