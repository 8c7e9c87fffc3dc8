# One image for the sidecar, the callback and every other command. What it installs is what the lock file says, hash by hash.

FROM python:3.13-slim AS build
# No pip inside: the one out here installs into it.
RUN python -m venv --without-pip /opt/payme-sidecar
ENV PIP_PYTHON=/opt/payme-sidecar PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.lock .
RUN pip install --require-hashes --requirement requirements.lock
COPY . .
RUN pip install --no-deps .

FROM python:3.13-slim
LABEL org.opencontainers.image.title="payme-sidecar" \
    org.opencontainers.image.description="Payme for a headless shop: Payme's Merchant API on one side, Medusa on the other" \
    org.opencontainers.image.licenses="MIT"
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin payme \
    && install --directory --owner payme --group payme /var/lib/payme-sidecar
COPY --from=build /opt/payme-sidecar /opt/payme-sidecar
ENV PATH=/opt/payme-sidecar/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1

# Where the SQLite of a lone container lies: give it a volume, or the payments end with the container. Nothing else is
# written anywhere: the rest may be read-only.
WORKDIR /var/lib/payme-sidecar
USER 10001:10001
EXPOSE 8700 8701

# No proxy: one that is set for the wide world is not the way to ourselves.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8700/healthz', timeout=3)"]

ENTRYPOINT ["payme-sidecar"]
CMD ["serve", "--host", "0.0.0.0"]
