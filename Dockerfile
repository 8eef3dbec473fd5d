# An image of the service: the wheel in an environment of its own, run by a user without rights.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE CHANGELOG.md ./
COPY schemas schemas
COPY achievements achievements
COPY verifier verifier
COPY issuer issuer
COPY docs/codes.md docs/codes.md
RUN python -m venv /opt/badgewright \
 && /opt/badgewright/bin/pip install --no-cache-dir -c constraints.txt '.[server]'

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/badgewright --create-home badgewright
COPY --from=build /opt/badgewright /opt/badgewright
ENV PATH=/opt/badgewright/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BADGEWRIGHT_VAR=/var/lib/badgewright
USER badgewright
WORKDIR /var/lib/badgewright
VOLUME /var/lib/badgewright
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["badgewright"]
CMD ["serve", "--host", "0.0.0.0"]
