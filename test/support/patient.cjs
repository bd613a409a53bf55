'use strict';
jest.setTimeout(120_000);
