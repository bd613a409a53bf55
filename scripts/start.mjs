console.log('The demo cluster is not written yet.');
