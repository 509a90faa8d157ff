import { assessHealth } from '../assess';
import { isEstablished } from './custom-resource-definition';

const condition = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message });

describe('the health of a CustomResourceDefinition', () => {
  const accepted = condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found');
  const refused = condition('NamesAccepted', 'False', 'ListKindConflict', '"ShopList" is already in use');
  const established = condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted');
  const definition = (status: object | undefined) => {
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'shops' },
      status,
    };
  };
  it.each([
    ['no status', undefined, 'progressing', 'Installing', 'not established it yet'],
    [
      'installing',
      { conditions: [accepted, condition('Established', 'False', 'Installing')] },
      'progressing',
      'Installing',
      '',
    ],
    [
      'not accepted',
      { conditions: [refused, condition('Established', 'False', 'NotAccepted')] },
      'degraded',
      'ListKindConflict',
      'already in use',
    ],
    [
      'not established',
      { conditions: [accepted, condition('Established', 'False', 'NotAccepted', 'not all names are accepted')] },
      'degraded',
      'NotAccepted',
      'not all names',
    ],
    ['established', { conditions: [accepted, established] }, 'healthy', 'Established', 'established'],
  ])('%s', (_, status, expected, reason, message) => {
    const health = assessHealth(definition(status));
    expect(health).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
    expect(isEstablished(definition(status))).toBe(expected === 'healthy');
  });
});

describe('the health of an APIService', () => {
  it.each([
    ['no status', undefined, 'progressing', 'NotObserved', 'nobody has looked'],
    ['local', { conditions: [condition('Available', 'True', 'Local')] }, 'healthy', 'Current', 'available'],
    [
      'no endpoints',
      { conditions: [condition('Available', 'False', 'MissingEndpoints', 'have no addresses')] },
      'progressing',
      'MissingEndpoints',
      'no addresses',
    ],
  ])('%s', (_, status, expected, reason, message) => {
    const object = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1.metrics' },
      status,
    };
    expect(assessHealth(object)).toEqual({ status: expected, reason, message: expect.stringContaining(message) });
  });
});
