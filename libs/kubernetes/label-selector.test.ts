import { parseLabelSelector } from './label-selector';

const labels = { app: 'web', 'flotilla.dev/target': 't1', tier: '' };

test.each([
  ['', true],
  ['app=web', true],
  ['app == web', true],
  ['app!=web', false],
  ['other!=web', true],
  ['app in (api, web),flotilla.dev/target', true],
  ['app notin (web)', false],
  ['missing notin (web)', true],
  ['!missing', true],
  ['!app', false],
  ['tier=', true],
])('%s', (text, expected) => {
  const selector = parseLabelSelector(text);
  expect(selector.ok && selector.matches(labels)).toBe(expected);
});

test.each(['a=b=c', '=b', 'a in b', 'a b', ',', '-x'])('%s is refused', (text) => {
  expect(parseLabelSelector(text)).toMatchObject({ ok: false });
});
