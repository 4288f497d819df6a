// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20, ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title A well-behaved token of the local chain, with EIP-2612 permit
/// @notice Stands at the mainnet address of DAI, WBTC, UNI, LINK, CRV, PEPE and SHIB. Never for a real chain.
contract MintableToken is ERC20Permit {
    uint8 private immutable _DIGITS;

    /// @param name_ Token name, part of the permit domain
    /// @param symbol_ Token symbol
    /// @param digits Digits after the point
    constructor(string memory name_, string memory symbol_, uint8 digits) ERC20(name_, symbol_) ERC20Permit(name_) {
        _DIGITS = digits;
    }

    /// @notice Makes `amount` base units for `to`. Open to anyone: the chain is local
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Digits after the point
    function decimals() public view override returns (uint8) {
        return _DIGITS;
    }
}
